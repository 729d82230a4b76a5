// Small repairs: the contents mark where the reader is, wide formulas scroll by keys, buttons have names, all pictures print, on white paper.
addEventListener("load", () => {
  followReader()
  document.querySelectorAll("button.copybtn").forEach(button => button.setAttribute("aria-label", "Copy the code"))
  const page = document.documentElement
  addEventListener("beforeprint", () => { page.dataset.shown = page.dataset.theme; page.dataset.theme = "light" })
  addEventListener("afterprint", () => { page.dataset.theme = page.dataset.shown })
  const print = () => document.querySelectorAll("img[loading]").forEach(picture => picture.loading = "eager")
  addEventListener("beforeprint", print)
  matchMedia("print").addEventListener("change", print)
  const wide = new ResizeObserver(entries => entries.forEach(({ target }) =>
    target.scrollWidth > target.clientWidth + 1 ? target.setAttribute("tabindex", "0") : target.removeAttribute("tabindex")))
  document.querySelectorAll("div.math").forEach(formula => wide.observe(formula))
})

// On a phone, an inline formula may be wider than its line: it scrolls, too. Typeset anew, it is looked at anew.
const fit = ({ typesetRoot: formula }) => {
  const wide = innerWidth < 576 && formula?.offsetWidth > formula?.closest("p, li, td, dd, figcaption")?.clientWidth
  if (wide) formula.classList.add("wide"), formula.setAttribute("tabindex", "0")
}
if (window.MathJax) MathJax.options.renderActions = { fit: [210, ({ math }) => [...math].forEach(fit), fit] }

function followReader() {
  const theirs = document.getElementById("pst-page-toc-nav")
  if (!theirs) return
  const nav = theirs.cloneNode(true) // the theme marks its own, and loses the place where pictures and formulas come late
  theirs.replaceWith(nav)
  const sections = [...nav.querySelectorAll("a")].map(link => [link, document.getElementById(decodeURIComponent(link.hash.slice(1)))])
  let marked, waiting = false
  const mark = () => {
    waiting = false
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2
    const passed = sections.filter(([, section]) => section?.getBoundingClientRect().top < 120)
    const here = (atEnd ? sections : passed).at(-1)?.[0]
    if (here === marked) return
    marked?.classList.remove("active")
    marked?.removeAttribute("aria-current")
    here?.classList.add("active")
    here?.setAttribute("aria-current", "true")
    marked = here
  }
  const soon = () => waiting || (waiting = true, requestAnimationFrame(mark))
  addEventListener("scroll", soon, { passive: true })
  new ResizeObserver(soon).observe(document.querySelector("article")) // formulas and pictures that come late, too
}
