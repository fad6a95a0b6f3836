#!/usr/bin/env node
// Committed with its execute bit, which the compiler would not set on its output.
import '../dist/main.js'
