// The search puts first the chapter that tells of a thing first, then the other pages, exercises after them, solutions last.
var Scorer = {
  score: ([docname, , , , score]) => {
    const chapter = docname.match(/\/(\d\d)-/)
    if (chapter) return score + (mentions(docname) > 2 ? 80 : 40) - 2 * chapter[1]
    return score - (docname.endsWith("-solutions") ? 30 : /^book\/(exercises|api)/.test(docname) ? 15 : 0)
  },
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
}

/** How often a page has the rarest of the words looked for. */
function mentions(docname) {
  const page = TEXTS[docname]?.flat().join(" ").toLowerCase() ?? ""
  return Math.min(...stems.map(stem => page.split(stem).length - 1))
}
