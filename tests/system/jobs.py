"""What tests about scheduled jobs share: looking at one, changing it, running it."""

import datetime

from harness import eventually
from keeper import MERGE

JOBS = "/api/v1/admin/jobs"


def path(name):
    return f"{JOBS}/{name}"


def job(admin, name):
    return admin.ok("GET", path(name))


def change(admin, name, body, if_match="*"):
    return admin.send("PATCH", path(name), body, media=MERGE, headers={"If-Match": if_match})


def record_of(admin, name, run_id):
    return eventually(f"the run of {name} ends", lambda: next(
        (record for record in job(admin, name)["recent"] if record.get("run_id") == run_id), None))


def run(admin, name, **more):
    """Runs a job by hand and returns what became of it."""
    answer = admin.post(f"{path(name)}/runs", **more)
    if answer.status != 202:
        raise AssertionError(f"202 was expected: {answer}")
    return record_of(admin, name, answer.json["run_id"])


def figures(record):
    return {figure["name"]: figure["count"] for figure in record["figures"]}


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def seconds(text):
    return int(moment(text).timestamp())
