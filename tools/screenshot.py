"""Take pictures of HTML pages as readers see them: light, dark and on a phone (390 px wide).

python tools/screenshot.py _build/html/book/index.html shots     shots/index-light.png, -dark, -phone
python tools/screenshot.py PAGE… OUTDIR [--full] [--select CSS]  the whole page; or one element of it
"""

import argparse
from pathlib import Path

from browser import launch, new_page
from playwright.sync_api import sync_playwright

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
}

ALL = """async () => {  // also what is not in view
  await window.MathJax?.startup.document.lazyTypesetAll?.()
  await Promise.all([...document.images].map(i => { i.loading = "eager"; return i.decode().catch(() => 0) }))
}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path, help="HTML files")
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--full", action="store_true", help="the whole page, not only the first screen")
    parser.add_argument("--select", metavar="CSS", help="only the first element that matches")
    parser.add_argument("--looks", nargs="+", choices=LOOKS, default=list(LOOKS))
    args = parser.parse_args()
    args.outdir.mkdir(parents=True, exist_ok=True)

    with sync_playwright() as playwright:
        browser = launch(playwright)
        for page_file in args.pages:
            for look in args.looks:
                page = new_page(browser, **LOOKS[look], reduced_motion="reduce")
                page.on("console", lambda m: m.type == "error" and print(f"console: {m.text}"))
                page.goto(page_file.resolve().as_uri())
                page.wait_for_function("!window.MathJax?.startup?.promise || MathJax.startup.promise.then(() => true)")
                page.evaluate(ALL)
                page.wait_for_timeout(800)  # figures draw themselves after loading
                target = args.outdir / f"{page_file.stem}-{look}.png"
                if args.select:
                    page.locator(args.select).first.screenshot(path=target)
                else:
                    page.screenshot(path=target, full_page=args.full)
                print(target)
                page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
