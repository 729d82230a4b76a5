// Under each result of the search, the sentence that holds the words looked for; TEXTS comes with the page, from the disk too.
const words = (new URLSearchParams(location.search).get("q") ?? "").toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
const stems = words.map(word => word.length > 4 ? word.replace(/(s|es|ing|ed)$/, "") : word)
const root = document.documentElement.dataset.content_root

/** The sentence of a page, or of one of its sections, with the most words looked for: {anchor, sentence}. */
function quote(docname, anchor) {
  let best = { hits: 0 }
  for (const [id, ...paragraphs] of TEXTS[docname] ?? []) {
    if (anchor && id !== anchor) continue
    for (const sentence of paragraphs.flatMap(text => text.split(/(?<=[.?!]["”)]?)\s+(?=["“(]?\p{Lu})/u))) {
      const low = sentence.toLowerCase()
      const hits = stems.filter(stem => low.includes(stem)).length - (sentence.length > 300 ? 0.5 : 0) - (sentence.includes("\\") ? 0.3 : 0)
      if (hits > best.hits) best = { hits, anchor: id, sentence }
    }
  }
  return best.hits > 0 ? best : null
}

function complete(item) {
  const link = item.querySelector("a")
  const url = new URL(link.href)
  const page = new URL(root, location).href
  const docname = decodeURI(url.href.slice(page.length)).replace(/\.html.*/, "")
  const found = quote(docname, url.hash.slice(1)) ?? quote(docname)
  if (!found) return
  if (!url.hash && found.anchor) link.href += `#${found.anchor}`
  const line = item.appendChild(document.createElement("p"))
  line.className = "context"
  const pattern = new RegExp(`((?:${stems.join("|")})\\p{L}*)`, "giu")
  found.sentence.slice(0, 400).split(pattern).forEach((piece, i) =>
    line.append(i % 2 ? Object.assign(document.createElement("mark"), { textContent: piece }) : piece))
}

addEventListener("DOMContentLoaded", () => {
  const results = document.getElementById("search-results")
  if (!results || !stems.length) return
  results.querySelectorAll("li").forEach(complete)
  new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(node =>
    node.nodeName === "LI" && complete(node)))).observe(results, { childList: true, subtree: true })
})
