"""One process of a deployment: launches `export_storyarn`, or re-executes a failed run of it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
import dagster as dg
from storyarn_pipelines.definitions import defs

def job():
    return defs.resolve_job_def("export_storyarn")

def main(failed, options):
    config = {"resources": {"export_options": {"config": options}}}
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("projects", ["mini.7"])
        again = None
        if failed != "-":
            run = instance.get_run_by_id(failed)
            if not run.is_finished:
                # What run monitoring does with the run of a worker that is gone.
                instance.report_run_failed(run)
            again = dg.ReexecutionOptions.from_failure(failed, instance)
        result = dg.execute_job(
            dg.reconstructable(job), instance, run_config=config,
            tags={"dagster/partition": "mini.7"}, reexecution_options=again,
        )
        steps = sorted(x.step_key for x in result.get_step_success_events())
        print(result.run_id, result.success, ",".join(steps))

if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
"""


def start_worker(
    home: Path, environment: dict[str, str], failed: str = "-", options: str = "{}"
) -> "subprocess.Popen[str]":
    """Start a process in ``home``, which holds its ``dagster.yaml``."""
    (home / "worker.py").write_text(SCRIPT)
    return subprocess.Popen(
        [sys.executable, "worker.py", failed, options],
        cwd=home,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DAGSTER_HOME": str(home),
            "SOURCE_DATE_EPOCH": "1767225600",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: "subprocess.Popen[str]") -> list[str]:
    """Its run's id, whether it succeeded, and the steps that it did."""
    stdout, stderr = process.communicate(timeout=120)
    assert stdout, stderr[-2000:]
    return stdout.splitlines()[-1].split()
