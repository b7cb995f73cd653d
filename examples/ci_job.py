"""A pipeline step: one picture for each product of a CSV file (columns: sku, prompt, seed), named by its SKU.

    python examples/ci_job.py products.csv --host "$COMFYDESK_HOST" --out public/products

Exits with 0 when every product has its picture, with 3 when some have not; those are named with the reason.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import comfydesk


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("products", type=Path)
    parser.add_argument("--host", default=None)
    parser.add_argument("--out", type=Path, default=Path("products"))
    args = parser.parse_args()

    with args.products.open(newline="", encoding="utf-8") as file:
        products = list(csv.DictReader(file))
    failures = 0
    with comfydesk.Client(args.host) as client:
        workflow = comfydesk.Workflow.load("sdxl")
        # All jobs are committed first, so that the GPU never waits for the next one.
        jobs = {
            product["sku"]: client.submit(
                workflow.set("prompt", product["prompt"]).set("seed", int(product["seed"])),
                out=args.out / product["sku"],
            )
            for product in products
        }
        for sku, job_id in jobs.items():
            job = client.wait(job_id)
            if job.error is not None:
                failures += 1
                print(f"{sku}: {job.error.message} {job.error.next}")
            else:
                print(f"{sku}: {job.files[0].path}")
    return 3 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
