"""Cron expressions against an independent implementation of them."""

import datetime
import os
import random

import packages
from harness import SharedServerTest, main
from jobs import change, moment

packages.use("croniter==2.0.7")
from croniter import croniter  # noqa: E402


class CronTest(SharedServerTest):
    def test_the_next_occurrence_is_the_one_that_croniter_finds(self):
        seed = int(os.environ.get("SOUK_SEED", "20261123"))
        chance = random.Random(seed)

        def field(least, most, names=()):
            def value():
                number = chance.randint(least, most)
                return names[number - least] if names and chance.random() < 0.3 else str(number)

            shape = chance.randrange(6)
            if shape == 2:
                return f"*/{chance.randint(2, most)}"
            if shape == 3:
                return ",".join(value() for _ in range(chance.randint(1, 3)))
            first = chance.randint(least, most)
            last = chance.randint(first, most)
            # Whether a list of all days is a choice of days, the two see differently.
            if shape < 2 or (first, last) == (least, most):
                return "*"
            return f"{first}-{last}" + (f"/{chance.randint(1, most)}" if shape == 5 else "")

        months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
        days = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
        compared = 0
        for _ in range(200):
            cron = " ".join((field(0, 59), field(0, 23), field(1, 31), field(1, 12, months), field(0, 6, days)))
            offset = chance.choice((-720, -210, 0, 60, 480, 840))
            sign = "-" if offset < 0 else "+"
            text = f"{cron} {sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
            with self.subTest(schedule=text, seed=seed):
                zone = datetime.timezone(datetime.timedelta(minutes=offset))
                before = datetime.datetime.now(zone)
                answer = change(self.admin, "reconciliation_sandbox", {"schedule": text, "paused": False})
                after = datetime.datetime.now(zone)
                if answer.status == 400:
                    self.assertEqual(answer.reason, "job.schedule_never", answer)
                    continue
                expected = {croniter(cron, now).get_next(datetime.datetime) for now in (before, after)}
                self.assertIn(moment(answer.json["next_due"]), expected)
                compared += 1
        change(self.admin, "reconciliation_sandbox", {"schedule": None})
        self.assertGreater(compared, 150)


if __name__ == "__main__":
    main()
