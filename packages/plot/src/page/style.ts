/** Colours of text have a contrast of at least 4.5 to 1 on their background, in light and in dark. */
export const styleSheet = `
:root {
  color-scheme: light dark;
  --surface: #ffffff; --ink: #1f2328; --soft: #57606a; --line: #d0d7de; --tint: #f6f8fa;
  --good: #00684a; --open: #8a4b00; --bad: #b42318;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --surface: #16191d; --ink: #e6e8eb; --soft: #a3abb5; --line: #383e46; --tint: #1f2429;
    --good: #4ac49a; --open: #e6a23c; --bad: #ff8a7a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--surface); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif;
}
main, footer { max-width: 58rem; margin: 0 auto; padding: 0 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 2rem 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
p { margin: .5rem 0; }
a { color: inherit; }
.verdict { border-left: .35rem solid var(--tone); background: var(--tint); padding: .75rem 1.1rem; }
.verdict.good { --tone: var(--good); } .verdict.open { --tone: var(--open); } .verdict.bad { --tone: var(--bad); }
.headline { font-size: 1.1rem; font-weight: 650; color: var(--tone); margin-top: 0; }
nav ol { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0; padding: 0; list-style: none; font-size: .9rem; }
.notice { border: 1px solid var(--line); border-left: .25rem solid var(--open); padding: .5rem .8rem; }
figure { margin: 1.25rem 0; break-inside: avoid; }
figure > svg { display: block; max-width: 100%; height: auto; }
figcaption { color: var(--soft); font-size: .9rem; max-width: 44rem; margin-top: .35rem; }
pre { background: var(--tint); border: 1px solid var(--line); padding: .75rem; overflow-x: auto; font-size: .85rem; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
dl { margin: .75rem 0; }
dl > div { display: grid; grid-template-columns: minmax(8rem, 13rem) 1fr; gap: 1rem; padding: .2rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); } dd { margin: 0; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .85rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: normal; }
td:not(.number) { min-width: 12rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
footer { color: var(--soft); font-size: .85rem; margin-top: 3rem; padding-bottom: 3rem; }
:focus-visible { outline: 2px solid var(--good); outline-offset: 2px; }
@media print {
  body { font-size: 10.5pt; }
  main, footer { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  pre { white-space: pre-wrap; }
  .table { overflow: visible; }
}
`
