"""From figures to the table that is printed."""

import statistics


def median(values):
    return statistics.median(values)


def spread(values, digits=0):
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def rates(runs):
    return [run["requests_per_s"] for run in runs]


def cpu(runs):
    return [run["server_cpu_us_per_request"] for run in runs]


def ratios(runs, others):
    """Of one round each: what disturbs a round disturbs both sides of its ratio."""
    return [run["requests_per_s"] / other["requests_per_s"] for run, other in zip(runs, others)]


def percent(values):
    return spread([100 * value for value in values], 1) + " %"


def row(name, measured, goal="", reached=None):
    return f"| {name} | {measured} | {goal} | {'' if reached is None else 'yes' if reached else '**no**'} |"


def http_rows(figures):
    beast, fixed = figures["beast_same_post"], figures["beast_fixed_post"]
    add, place = figures["add_to_cart"], figures["place_order"]
    latency = [run["latency_us"] for run in add]
    to_beast, to_add = ratios(add, beast), ratios(place, add)
    yield row("bare Beast, the same POST, requests/s", spread(rates(beast)))
    yield row("bare Beast, 100 bytes of JSON, requests/s", spread(rates(fixed)))
    yield row("bare Beast, CPU a request, µs", spread(cpu(beast), 1))
    yield row("add-to-cart, requests/s", spread(rates(add)))
    yield row("add-to-cart / bare Beast, same POST", percent(to_beast), "≥ 25 %", median(to_beast) >= 0.25)
    yield row("add-to-cart / bare Beast, 100 bytes", percent(ratios(add, fixed)))
    yield row("add-to-cart, server CPU a request, µs", spread(cpu(add), 1), "≤ 27", median(cpu(add)) <= 27)
    yield row("add-to-cart / bare Beast, CPU a request", spread([a / b for a, b in zip(cpu(add), cpu(beast))], 1))
    yield row("add-to-cart, p50 / p99 / p99.9, ms", latencies(latency))
    yield row("place-order, requests/s", spread(rates(place)))
    yield row("place-order / add-to-cart", percent(to_add), "≥ 25 %", median(to_add) >= 0.25)
    yield row("place-order, server CPU a request, µs", spread(cpu(place), 1))
    yield row("place-order, p50 / p99 / p99.9, ms", latencies([run["latency_us"] for run in place]))
    yield row("get-product, requests/s", spread(rates(figures["get_product"])))
    yield row("get-product, server CPU a request, µs", spread(cpu(figures["get_product"]), 1))


def latencies(runs):
    return " / ".join(f"{median([run[name] for run in runs]) / 1e3:.2f}" for name in ("p50", "p99", "p99_9"))


def open_loop_rows(figures):
    runs = figures["place_order_open"]
    times = [run["latency_us"]["p50"] / run["sync_p50_us"] for run in runs]
    # A server that could not keep up says nothing about latency: the peak was another machine's, or another minute's.
    behind = sum(run["requests_per_s"] < 0.98 * run["rate_per_s"] for run in runs)
    yield row("place-order at half its peak, open loop, requests/s", spread([run["rate_per_s"] for run in runs])
              + (f"; **fell behind in {behind} of {len(runs)} rounds**" if behind else ""))
    yield row("… p50 / p99 / p99.9, ms", latencies([run["latency_us"] for run in runs]))
    yield row("… p50 / median sync", spread(times, 1), "≤ 3", median(times) <= 3)


def alone_rows(figures):
    committer, fold = figures["committer"], figures["fold_m_events_per_s"]
    yield row("committer / raw RocksDB", f"{100 * committer['ratio']:.0f} % ({committer['log_per_s']:,.0f} / "
              f"{committer['raw_per_s']:,.0f} events/s)", "≥ 80 %", committer["ratio"] >= 0.8)
    load = figures["order_load"]
    yield row("loading an order of 10 events, warm, p50 / p99, µs", f"{load['p50_us']:.0f} / {load['p99_us']:.0f}",
              "≤ 150", load["p50_us"] <= 150)
    yield row("folding order streams, M events/s", f"{fold:.2f}", "≥ 1", fold >= 1)
    taken = figures["import"]
    yield row(f"importing {taken['products']:,} products, s", f"{taken['seconds']:.1f} (peak {taken['peak_mib']:.0f} MiB)",
              "< 10", taken["seconds"] < 10)


def table(machine, sync, figures, settings):
    lines = [
        f"{machine['souk']}, commit {machine['commit']}; {machine['processor']}, {machine['cores']} cores shared with the "
        f"generator; load average {sync['load_average_min']:.1f}–{sync['load_average_max']:.1f} during the run; "
        f"{machine['file_system']}, sync of 512 bytes p50 {sync['p50_us'] / 1e3:.2f} ms, p99 {sync['p99_us'] / 1e3:.2f} ms "
        f"in the same run; kernel {machine['kernel']}; {machine['compiler']}.",
        f"{settings['connections']} keep-alive connections, {settings['accounts']} accounts, {settings['products']:,} "
        f"products, rounds of {settings['seconds']:g} s in turns; medians of {settings['rounds']} rounds (least–most); "
        f"requests logged to {settings['access_log']}.",
        "",
        "| figure | measured | goal | reached |",
        "|---|---|---|---|",
        *http_rows(figures), *open_loop_rows(figures), *alone_rows(figures),
    ]
    return "\n".join(lines)
