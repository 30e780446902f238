/* SPDX-License-Identifier: MIT */
/* The script of every page: a button at each figure that saves it as SVG, and one at
 * each table that copies it as CSV. Without scripts the page shows all it has. The
 * page's policy lets the browser run this text alone, by its hash; it has no < and no
 * &, so that the page's markup stays plain. */
#include "report/script.h"

#define LINE "\\n"

const char mien_script[] =
    "function tool(at,label,run){const b=document.createElement('button');"
    "b.type='button';b.className='tool';b.textContent=label;b.onclick=()=>run(b);"
    "at.append(b)}\n"
    /* the page's style goes along, so that the figure keeps its colours elsewhere */
    "function save(svg){const c=svg.cloneNode(true),"
    "s=document.createElementNS(svg.namespaceURI,'style'),"
    "a=document.createElement('a');"
    "s.textContent=document.querySelector('style').textContent;c.prepend(s);"
    "c.setAttribute('xmlns',svg.namespaceURI);"
    "a.href=URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(c)],"
    "{type:'image/svg+xml'}));"
    "const t=svg.querySelector('.head');"
    "a.download=(t?t.textContent:'figure').replace(/[^\\p{L}\\p{N}]+/gu,'-')+'.svg';"
    "a.click()}\n"
    /* a cell over several rows stands in each of them; an interval is cells of its own
     */
    "function csv(table){const rows=[];[...table.rows].forEach((tr,r)=>{"
    "rows[r]=rows[r]||[];let c=0;for(const cell of tr.cells){"
    "while(rows[r][c]!==undefined)c++;"
    "const text=[...cell.childNodes].map(n=>n.textContent).join(' ').trim();"
    "for(let i=0;i!==cell.rowSpan;i++){rows[r+i]=rows[r+i]||[];"
    "rows[r+i][c]=text.replace(/−/g,'-')}}});"
    "return rows.map(r=>r.map(t=>/[\",]/.test(t)?'\"'+t.replace(/\"/g,'\"\"')+'\"':t)"
    ".join(',')).join('" LINE "')+'" LINE "'}\n"
    "function copy(text,b){const a=document.createElement('textarea');a.value=text;"
    "document.body.append(a);a.select();document.execCommand('copy');a.remove();"
    "b.textContent='Copied'}\n"
    "for(const f of document.querySelectorAll('figure')){"
    "const s=f.querySelector(':scope>svg');"
    "if(s)tool(f,'Save as SVG',()=>save(s))}\n"
    "for(const d of document.querySelectorAll('.table'))"
    "tool(d,'Copy as CSV',b=>copy(csv(d.querySelector('table')),b));\n";
