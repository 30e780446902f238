/* SPDX-License-Identifier: MIT */
/* The style of every page: screen (light, dark, narrow) and paper. */
#include "report/style.h"

#include <stddef.h>

const char *const mien_style[] = {
    /* colours: one hue, and everything it says is also said by shape or label */
    ":root{--ink:#1d232b;--soft:#5b6673;--line:#d9dee5;--paper:#fff;--panel:#f6f8fa;"
    "--mark:#1f5fa8;--mark-2:#a8541f;--band:#1f5fa8}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e7ebf0;--soft:#9aa7b5;"
    "--line:#333c47;--paper:#14181d;--panel:#1b2127;--mark:#7db4f0;--mark-2:#f0a870;"
    "--band:#7db4f0}}\n",
    /* text */
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.6 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\","
    "\"Noto Sans\",\"Liberation Sans\",Arial,sans-serif}\n"
    "main{max-width:66rem;margin:0 auto;padding:3rem 1.5rem 4rem}\n"
    "header{border-bottom:1px solid var(--line);padding-bottom:1.25rem;"
    "margin-bottom:2rem}\n"
    "h1{font-size:1.9rem;line-height:1.2;letter-spacing:-.015em;margin:0}\n"
    "h2{font-size:1.3rem;line-height:1.3;letter-spacing:-.01em;margin:3rem 0 .75rem}\n"
    "h3{font-size:1.05rem;margin:2rem 0 .5rem}\n"
    "p{max-width:42rem;margin:.6rem 0}\n"
    "ul{max-width:42rem;margin:.6rem 0;padding-left:1.2rem}\n"
    "li{margin:.3rem 0}\n"
    ".subtitle{color:var(--soft);margin:.5rem 0 0;font-size:1.05rem}\n"
    ".note{color:var(--soft);font-size:.92rem}\n"
    "footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--line);"
    "color:var(--soft);font-size:.85rem}\n",
    /* tables */
    ".table{overflow-x:auto;margin:1.25rem 0}\n"
    "table{border-collapse:collapse;font-size:.92rem;line-height:1.4;"
    "font-variant-numeric:tabular-nums;min-width:50%}\n"
    "caption{text-align:left;font-weight:600;padding:0 0 .5rem;caption-side:top}\n"
    "th,td{padding:.4rem 1.1rem .4rem 0;text-align:left;vertical-align:baseline;"
    "white-space:nowrap}\n"
    "thead th,td:not(.n){white-space:normal;overflow-wrap:break-word}"
    "thead th{vertical-align:bottom}\n"
    "th:last-child,td:last-child{padding-right:.25rem}\n"
    "thead th{font-weight:600;color:var(--soft);border-bottom:1.5px solid var(--ink);"
    "font-size:.85rem}\n"
    "tbody tr{border-bottom:1px solid var(--line)}\n"
    "tbody tr.first th,tbody tr.first td{border-top:1px solid var(--soft)}\n"
    "tbody th{font-weight:600}\n"
    ".n{text-align:right}\n"
    "td small{color:var(--soft);font-size:.85em;display:inline-block;"
    "min-width:8.6em;padding-left:.5em}\n",
    /* figures */
    "figure{margin:1.5rem 0;overflow-x:auto}\n"
    "figure svg,.pair svg{display:block;max-width:100%;height:auto}\n"
    ".pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));"
    "gap:1rem 1.5rem;margin:1.5rem 0}\n"
    ".pair figure{margin:0}\n"
    "svg text{fill:var(--ink);font-family:inherit}\n"
    "svg .tick,svg .hint{fill:var(--soft);font-size:12px;"
    "font-variant-numeric:tabular-nums}\n"
    "svg .axis{font-size:13px}\n"
    "svg .head{font-size:15px;font-weight:600}\n"
    "svg .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;"
    "stroke-linejoin:round}\n"
    "svg .grid{stroke:var(--line);stroke-opacity:1}\n"
    "svg .rule{stroke:var(--soft)}\n"
    "svg .line{stroke:var(--mark)}\n"
    "svg .dot{fill:var(--mark);stroke:var(--mark)}\n"
    "svg .hollow{fill:var(--paper);stroke:var(--mark)}\n"
    "svg .band{fill:var(--band)}\n"
    "svg .up{fill:var(--mark)}\n"
    "svg .down{fill:var(--mark-2)}\n"
    "svg .frame{stroke:var(--line)}\n",
    /* pictures with their values */
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));"
    "gap:1.25rem;margin:1.5rem 0}\n"
    ".card{margin:0;overflow:hidden;border:1px solid var(--line);border-radius:8px;"
    "background:var(--panel)}\n"
    ".card img{display:block;width:100%;aspect-ratio:4/3;object-fit:cover}\n"
    ".card figcaption{padding:.6rem .75rem .75rem;font-size:.88rem;line-height:1.45;"
    "font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
    ".card small{color:var(--soft)}\n"
    ".card svg{display:block;width:100%;height:auto;margin:.25rem 0}\n"
    "code{overflow-wrap:anywhere}\n"
    "details{margin:1rem 0}\n"
    "summary{cursor:pointer;color:var(--soft)}\n"
    "pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;"
    "padding:1rem;overflow-x:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,"
    "\"Liberation Mono\",monospace}\n",
    ".tool{font:inherit;font-size:.75rem;color:var(--soft);background:none;"
    "border:1px solid var(--line);border-radius:4px;padding:.1rem .5rem;"
    "margin:.4rem 0 0;cursor:pointer}\n"
    ".tool:hover,.tool:focus-visible{color:var(--ink);border-color:var(--soft)}\n",
    /* narrow screens: text of a figure stays readable, the figure scrolls */
    "@media (max-width:40rem){main{padding:1.5rem 1rem 3rem}h1{font-size:1.5rem}"
    "figure svg.wide{min-width:36rem}.pair{grid-template-columns:1fr}}\n",
    /* paper: never dark, nothing cut in two, nothing closed, figures low enough that
     * two share a page */
    "@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--panel:#fff;"
    "--mark:#1f5fa8;--mark-2:#a8541f;--band:#1f5fa8}body{font-size:10.5pt}"
    "main{max-width:none;padding:0}figure,table,.card,.pair{break-inside:avoid}"
    "h2,h3,caption{break-after:avoid}figure,.table{overflow:visible}"
    "figure>svg{max-height:11.5cm;width:auto;max-width:100%}"
    "details::details-content{content-visibility:visible;display:block;"
    "block-size:auto}"
    "pre{white-space:pre-wrap;overflow:visible;columns:2;font-size:8.5pt}"
    ".pair svg{max-height:8cm}"
    "details>summary{list-style:none}.tool{display:none}footer{margin-top:2rem}}\n",
    NULL,
};
