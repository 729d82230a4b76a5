"""The ledger as text: all experiments in a table, or one of them in full."""

import textwrap

from .experiment import LEDGER, load, names
from .records import mean_and_sd, read, results


def overview(ledger=LEDGER):
    """A line for each arm of each experiment."""
    rows = [("experiment", "arm", "seeds", "result", "mean ± sd", "published")]
    for name in names(ledger):
        e, known = load(name, ledger), read(name, ledger)
        for arm in e.arms:
            values = results(known, arm, e.result)
            rows.append((name, arm, str(len(values)), f"{e.result}, {e.unit}".strip(", "), mean_and_sd(values),
                         str(e.published.get(arm, "–"))))  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def full(name, ledger=LEDGER):
    """All about one experiment."""
    e, known = load(name, ledger), read(name, ledger)
    facts = {
        "data": e.data, "recipe": e.recipe, "published in": e.source, "refuted if": e.refuted, "differs": e.deviations,
    }  # fmt: skip
    lines = [e.question, *(f"{what}: {text}" for what, text in facts.items() if text)]
    for arm, settings in e.arms.items():
        lines += ["", f"{arm}: {', '.join(f'{key} {value}' for key, value in settings.items())}"]
        for record in (record for record in known if arm in record["arms"]):
            measured = ", ".join(f"{key} {value:.4g}" for key, value in record["arms"][arm]["results"].items())
            lines += [f"  seed {record['seed']}: {measured}"]
        published = f"; published {e.published[arm]} {e.unit}" if arm in e.published else ""
        lines += [f"  {e.result}: {mean_and_sd(results(known, arm, e.result))} {e.unit}{published}"]
    lines += [""]
    for record in known:
        about = ", ".join(f"{key} {value}" for key, value in record["machine"].items())
        lines += [f"seed {record['seed']}: {record['seconds']} s; {about}"]
    return "\n".join(textwrap.fill(line, 110, subsequent_indent="    ") for line in lines)
