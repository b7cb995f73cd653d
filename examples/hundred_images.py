"""A hundred pictures of one prompt with varied seeds, in a folder of their own.

python examples/hundred_images.py --host gpu-box:8188 --count 100 --out foxes
"""

from __future__ import annotations

import argparse

import comfydesk


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=None, help="default: $COMFYDESK_HOST, then 127.0.0.1:8188")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--prompt", default="a red fox in fresh snow, golden hour, 85mm photograph")
    parser.add_argument("--out", default="foxes")
    args = parser.parse_args()

    report = comfydesk.run_batch(
        "sdxl", host=args.host, set={"prompt": args.prompt}, count=args.count, seed=args.seed, out=args.out
    )
    print(f"{len(report.files)} files in {args.out}, listed in {report.manifest}")
    for run in report.failed:
        print(f"seed {run['seed']}: {run['error']['message']} {run['error']['next']}")
    return 0 if report.ok else 3


if __name__ == "__main__":
    raise SystemExit(main())
