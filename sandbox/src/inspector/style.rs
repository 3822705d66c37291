//! One style sheet and a few lines of script.

pub(super) const SCRIPT: &str = "
const live = document.getElementById('live');
setInterval(async () => {
  if (document.hidden || String(getSelection())) return;
  try {
    const reply = await fetch(location.href);
    const next = new DOMParser().parseFromString(await reply.text(), 'text/html').getElementById('live');
    if (next && next.innerHTML !== live.innerHTML) live.innerHTML = next.innerHTML;
    document.body.classList.remove('gone');
  } catch { document.body.classList.add('gone'); }
}, 2000);
";

pub(super) const SHEET: &str = r#"
:root { color-scheme: light dark;
  --paper: light-dark(#f6f5f1, #16181c); --card: light-dark(#fff, #1e2126); --ink: light-dark(#23262b, #e6e4df);
  --soft: light-dark(#6b6f76, #9a9da3); --line: light-dark(#e4e1d9, #2f333a); --hover: light-dark(#faf9f6, #23272d);
  --accent: light-dark(#1f5f5b, #7fc6bf); --on-accent: light-dark(#fff, #10211f);
  --good: light-dark(#1e6b45, #82d3a6); --good-bg: light-dark(#e0f1e7, #1b3327);
  --warn: light-dark(#8a5a00, #e8bf6a); --warn-bg: light-dark(#fbeed2, #3a2e14);
  --bad: light-dark(#a3272c, #f19a97); --bad-bg: light-dark(#fbe3e2, #42201f);
  --calm: light-dark(#3a5470, #a9c3df); --calm-bg: light-dark(#e5edf5, #212d3a);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
* { box-sizing: border-box }
html { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Khmer", "Khmer OS", "Khmer UI", sans-serif;
  background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100% }
body { margin: 0 }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px }
a:hover { text-decoration-color: currentcolor }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px }
body > header { display: flex; align-items: center; gap: 1.5rem; padding: 0 1.5rem; background: var(--card);
  border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 1 }
.brand { font-weight: 650; text-decoration: none; display: flex; align-items: center; white-space: nowrap; padding: .8rem 0 }
.mark { width: 1.05rem; height: .85rem; border-radius: 3px; background: var(--accent); margin-right: .6rem; position: relative }
.mark::before { content: ""; position: absolute; left: 27%; right: 27%; top: -5px; height: 5px;
  border: 2px solid var(--accent); border-bottom: 0; border-radius: 4px 4px 0 0 }
.thin { font-weight: 400; color: var(--soft); margin-left: .3em }
body.gone .mark { background: var(--bad) }
body.gone .mark::before { border-color: var(--bad) }
nav { display: flex; gap: .15rem; overflow-x: auto; scrollbar-width: none }
nav a { padding: .85rem .7rem; white-space: nowrap; text-decoration: none; color: var(--soft); border-bottom: 2px solid transparent }
nav a:hover { color: var(--ink) }
nav a[aria-current] { color: var(--ink); border-color: var(--accent); font-weight: 550 }
main { max-width: 78rem; margin: 0 auto; padding: 1.5rem 1.5rem 4rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .3rem 0 1.1rem; font-weight: 650; letter-spacing: -.01em }
h2 { font-size: 1rem; margin: 2rem 0 .7rem; font-weight: 600 }
p { margin: .4rem 0; max-width: 46rem }
.soft, .soft a { color: var(--soft) }
.small { font-size: .87rem }
code, .mono { font-family: var(--mono); font-size: .87em; font-variant-numeric: tabular-nums }
.num { font-variant-numeric: tabular-nums; text-align: right }
.tiles { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)) }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem }
.tile b { display: block; font-size: 1.75rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums }
.tile span { color: var(--soft); font-size: .87rem }
.tile.good b { color: var(--good) } .tile.warn b { color: var(--warn) } .tile.bad b { color: var(--bad) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden }
.pad { padding: 1rem 1.1rem }
.two { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); align-items: start }
.two > * { min-width: 0 }
.row { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center }
.between { justify-content: space-between } .low { align-items: end }
.search { margin-bottom: .6rem } .search input { width: 17rem }
table { width: 100%; border-collapse: collapse }
th { text-align: left; font-weight: 500; font-size: .82rem; color: var(--soft); padding: .6rem .8rem; border-bottom: 1px solid var(--line); white-space: nowrap }
td { padding: .55rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top }
tr:last-child td { border-bottom: 0 }
tbody tr:hover { background: var(--hover) }
td:first-child, th:first-child { padding-left: 1.1rem }
td:last-child, th:last-child { padding-right: 1.1rem }
.nowrap { white-space: nowrap }
.gone-row td { color: var(--soft) }
a.name { text-decoration: none } a.name:hover > :first-child { text-decoration: underline }
.name { display: flex; flex-direction: column; line-height: 1.45 }
.empty { padding: 2.2rem 1rem; text-align: center; color: var(--soft) }
.pills { display: flex; flex-wrap: wrap; gap: .3rem }
.pill { display: inline-block; border-radius: 99px; padding: .06rem .6rem; font-size: .8rem; line-height: 1.5; white-space: nowrap;
  background: var(--calm-bg); color: var(--calm) }
.pill.good { background: var(--good-bg); color: var(--good) } .pill.warn { background: var(--warn-bg); color: var(--warn) }
.pill.bad { background: var(--bad-bg); color: var(--bad) } .pill.plain { background: none; color: var(--soft); box-shadow: inset 0 0 0 1px var(--line) }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; margin: 0; gap: .35rem 1.2rem }
dt { color: var(--soft); font-size: .87rem } dd { margin: 0; min-width: 0; overflow-wrap: anywhere }
pre { margin: 0; padding: 1rem 1.1rem; overflow: auto; max-height: 32rem; font: .83rem/1.55 var(--mono), "Noto Sans Khmer", "Khmer OS"; white-space: pre-wrap; overflow-wrap: anywhere }
.note { border-left: 3px solid var(--bad); background: var(--bad-bg); color: var(--bad); padding: .6rem 1rem; border-radius: 0 8px 8px 0; margin: 0 0 1rem; max-width: none }
form { margin: 0 }
input, select, button { font: inherit; color: inherit; border: 1px solid var(--line); border-radius: 7px; padding: 0 .7rem; height: 2.2rem; background: var(--card); min-width: 0 }
input:not([type=checkbox]), select { background: var(--paper) }
input[type=checkbox] { accent-color: var(--accent); margin: 0 .5rem 0 0; padding: 0; width: 1rem; height: 1rem }
label { display: flex; flex-direction: column; gap: .15rem; font-size: .8rem; color: var(--soft) }
label input, label select { font-size: .95rem; color: var(--ink) }
label.check { flex-direction: row; align-items: center; font-size: .95rem; color: var(--ink) }
button { cursor: pointer } button:hover { border-color: var(--soft) }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 550 }
button.quiet { background: none; border-color: transparent; color: var(--soft); padding: 0 .5rem; height: auto } button.quiet:hover { color: var(--bad) }
.fields { display: flex; flex-wrap: wrap; gap: .7rem; align-items: end }
.fields label { flex: 1 1 7rem; max-width: 16rem } .fields label.wide { flex-basis: 14rem; max-width: 26rem }
.fields button { flex: none }
.lever .fields { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)) } .lever .fields label { max-width: none } .lever .fields .wide { grid-column: span 2 } .lever button { justify-self: start }
.levers { columns: 2; column-gap: 1rem }
.lever { break-inside: avoid; border-bottom: 1px solid var(--line) } .lever:last-child { border-bottom: 0 }
.group { break-inside: avoid; margin: 0 0 1rem } .group h2 { margin: 0; padding: .8rem 1.1rem; border-bottom: 1px solid var(--line) }
summary { cursor: pointer; list-style: none; padding: .6rem 2.6rem .6rem 1.1rem; position: relative }
summary::after { content: "+"; position: absolute; right: 1.1rem; top: .6rem; color: var(--soft) } details[open] > summary::after { content: "–" }
 summary::-webkit-details-marker { display: none }
summary:hover, details[open] > summary { background: var(--hover) }
summary b { font-weight: 550; display: block } details .body { padding: .5rem 1.1rem 1.1rem; background: var(--hover) }
.line { display: flex; gap: .6rem; padding: .5rem 1.1rem; border-bottom: 1px solid var(--line); align-items: baseline; flex-wrap: wrap }
.line:last-child { border-bottom: 0 } .grow { flex: 1 1 auto; min-width: 0 }
.steps { list-style: none; margin: 0; padding: 0 } .steps li { padding: .8rem 1.1rem; border-bottom: 1px solid var(--line) } .steps li:last-child { border: 0 }
del { color: var(--soft); text-decoration-color: var(--bad) } ins { text-decoration: none; color: var(--good) }
@media (max-width: 52rem) { .lever .fields { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)) } .lever .fields label { max-width: none } .lever .fields .wide { grid-column: span 2 } .lever button { justify-self: start }
.levers { columns: 1 } }
@media (max-width: 44rem) {
  body > header { flex-direction: column; align-items: stretch; gap: 0; padding: 0 1rem }
  .brand { padding: .7rem 0 0 } nav { margin: 0 -1rem; padding: 0 .4rem } nav a { padding: .6rem .6rem }
  main { padding: 1rem 1rem 3rem } thead { display: none }
  table, tbody, tr, td { display: block } td { border: 0; padding: .12rem 1rem; display: flex; gap: 1rem; justify-content: space-between; text-align: right }
  td::before { content: attr(data-h); color: var(--soft); font-size: .82rem; white-space: nowrap; text-align: left; flex: none }
  td:first-child, td:last-child { padding-left: 1rem; padding-right: 1rem } td > * { min-width: 0 } td .pills { justify-content: flex-end } td:empty, td:has(> .pills:empty) { display: none }
  tr { padding: .6rem 0; border-bottom: 1px solid var(--line) } tr:last-child { border: 0 } .nowrap { white-space: normal }
  dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem } .fields label { max-width: none } .early { order: -1 }
  .lever .fields { grid-template-columns: repeat(2, minmax(0, 1fr)) }
}
"#;
