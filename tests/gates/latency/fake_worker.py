"""Speaks a worker's protocol with scripted times; knows no model, and imports in a moment.

python fake_worker.py '{"seconds": 0.01, "noise": 0.002}'
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any


def main(script: dict[str, Any]) -> None:
    seed = int(os.environ["PYTHONHASHSEED"])
    draw = random.Random(seed)

    def log(**entry: Any) -> None:
        if "log" in script:
            with Path(script["log"]).open("a") as file:
                file.write(json.dumps({"side": script.get("side", ""), "pid": os.getpid(), **entry}) + "\n")

    def say(**message: Any) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    def trouble(at: str) -> None:
        if script.get("at") != at:
            return
        match script["trouble"]:
            case "die":
                sys.stderr.write("one\ntwo\nthree\nfour\nfive\nsix: no more memory\n")
                sys.exit(3)
            case "vanish":
                os.kill(os.getpid(), signal.SIGKILL)
            case "chatter":
                sys.stdout.write("Loading weights: 100%\n")
            case "stubborn":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)

    log(event="start", hash_seed=seed, threads=os.environ["OMP_NUM_THREADS"], path=os.environ.get("PYTHONPATH"))
    trouble("start")
    versions = {"harness": "0.0.9", "torch": script.get("torch", "2.6.0")}
    say(hello={"protocol": script.get("protocol", 2), "python": "FakePython 3.99", "versions": versions})
    for line in sys.stdin:
        message = json.loads(line)
        log(**message)
        if "load" in message:
            trouble("load")
            if "error" in script:
                say(error=script["error"])
                continue
            dtype = "float32" if "dtypes" not in script else script["dtypes"][seed % len(script["dtypes"])]
            say(loaded={"device": "cpu", "dtype": dtype, "threads": int(os.environ["OMP_NUM_THREADS"])})
        elif "prepare" in message:
            trouble("prepare")
            say(prepared={"tokens": 7, "padded_tokens": 8, "call_seconds": script["seconds"]})
        elif "scenario" in message:
            say(prepared={"tokens": 7, "padded_tokens": None})
        else:
            trouble("round")
            noise = script.get("noisy_stages", {}).get(message["round"].partition(".")[0], script.get("noise", 0.001))
            say(seconds=script["seconds"] * math.exp(noise * draw.gauss(0, 1)))
    log(event="end")
    if script.get("trouble") == "stubborn":
        time.sleep(60)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
