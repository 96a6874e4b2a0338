"""How long ``qingfu demo`` takes to fill 青禾县 from nothing: 40 schools, about 1,000 classes, the term so far.

Data: qingfu/site/demo, the seed of its data file, homework up to today. The bar is 60 s on two cores.
"""

import shutil

from demo_county import HOME, filled, use_home

BAR_SECONDS = 60


def main() -> None:
    home = HOME.with_name("fresh")
    shutil.rmtree(home, ignore_errors=True)
    use_home(home)
    tenant_id, seconds = filled()
    from qingfu.server.postgres import local_cluster
    from qingfu.site.demo.fill import demo_facts

    facts = demo_facts(tenant_id)
    print("  ".join(f"{name} {count:,}" for name, count in facts.items()))
    rate = facts["demands"] / seconds
    print(f"filled in {seconds:.1f} s, {rate:,.0f} items/s; {seconds / BAR_SECONDS:.2f} of the bar")
    local_cluster().stop()
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
