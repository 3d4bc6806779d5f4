"""What the command line says about the storm."""

import argparse


def options_in(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults")
    parser.add_argument("--deadlines", type=int, default=10_000)
    parser.add_argument("--storm-seconds", type=float, default=150)
    parser.add_argument("--most-seconds", type=float, default=540, help="when the run gives up")
    parser.add_argument("--kills", type=int, default=16, help="of workers and beat, by SIGKILL")
    parser.add_argument("--seed", type=int, default=1, help="another one is another storm")
    parser.add_argument("--patience-seconds", type=int, default=60, help="of a claim, and of a second try")
    return parser.parse_args(arguments)
