"""The certificate that the server shows, and the key of its session tickets: how they are replaced without a restart."""

import json
import signal
import ssl

from certificates import Certificate
from clock import MovedClock
from harness import eventually, main, souk
from tls_shop import TlsShop

WRONG_CONFIGURATION = 78


class TlsCertificateTest(TlsShop):
    def shown(self, context=None):
        context = context or ssl._create_unverified_context()
        with self.connect(context) as connection:
            return connection.getpeercert(binary_form=True)

    def warnings(self):
        with open(self.server.log_path, encoding="utf-8") as file:
            return [line["about"] for line in map(json.loads, file) if line["level"] == "warn"]

    def test_a_new_certificate_is_shown_without_a_restart(self):
        self.start_shop()
        older = self.server.guest()
        self.assertEqual(older.get("/healthz").status, 200)
        self.assertEqual(self.shown(), self.certificate.der)
        new = Certificate(self.folder / "new")
        der, trusting = new.der, new.trusting()
        new.put_in_place_of(self.certificate)
        eventually("the new one is shown", lambda: self.shown() == der)
        self.server.tls = trusting
        self.assertEqual(self.server.guest().get("/healthz").status, 200)
        self.assertEqual(older.get("/healthz").status, 200)  # whoever is connected stays so

    def test_sighup_reads_the_certificate_again(self):
        self.start_shop()
        new = Certificate(self.folder / "new")
        self.certificate.certificate.write_bytes(new.certificate.read_bytes())
        self.certificate.key.write_bytes(new.key.read_bytes())
        self.server.process.send_signal(signal.SIGHUP)
        eventually("the new one is shown", lambda: self.shown() == new.der)
        self.assertIsNone(self.server.process.poll())

    def test_a_pair_that_cannot_be_used_leaves_the_old_one_and_is_reported(self):
        self.start_shop()
        old = self.certificate.der
        other = Certificate(self.folder / "other")
        for content, why in ((other.certificate.read_bytes(), "tls.key_mismatched"), (b"nonsense", "tls.certificate_unusable"),
                             (b"", "tls.certificate_unusable")):
            seen = self.server.stderr.count(why)
            self.certificate.certificate.write_bytes(content)
            eventually("it is reported", lambda: self.server.stderr.count(why) > seen)
            self.assertIn("the old certificate is kept", self.server.stderr)
            self.assertEqual(self.shown(), old)
        eventually("each is logged", lambda: self.warnings() == ["tls"] * 3)
        self.certificate.certificate.write_bytes(other.certificate.read_bytes())
        self.certificate.key.write_bytes(other.key.read_bytes())
        eventually("a good pair is shown", lambda: self.shown() == other.der)

    def test_a_wrong_configuration_is_refused_before_anything_is_opened(self):
        secret = Certificate(self.folder, "secret", "-newkey", "rsa:2048", "-passout", "pass:open-sesame")
        small = Certificate(self.folder, "small", "-newkey", "rsa:1024", "-nodes")
        other = Certificate(self.folder, "other")
        for settings in (self.certificate.settings[:1], self.certificate.settings[1:],
                         ("tls.certificate_file=/nowhere.pem", "tls.key_file=/nowhere.key"), secret.settings,
                         small.settings, (self.certificate.settings[0], other.settings[1])):
            arguments = [part for setting in settings for part in ("--set", setting)]
            for more in ((), ("--check-config",)):
                with self.subTest(settings=settings, more=more):
                    done = souk("serve", "--data", self.data, "--listen", "127.0.0.1:0", *arguments, *more)
                    self.assertEqual(done.returncode, WRONG_CONFIGURATION, done)
                    self.assertIn(b"config.invalid", done.stderr)

    def test_the_key_of_session_tickets_lives_for_a_day_and_no_longer(self):
        clock = MovedClock(self.folder)
        self.start_shop(env=clock.environment)
        context = self.certificate.trusting(maximum_version=ssl.TLSVersion.TLSv1_2)
        with self.connect(context) as connection:
            session = connection.session

        def is_resumed():
            with self.connect(context, session=session) as connection:
                return connection.session_reused

        clock.move("23 h")
        older = self.server.guest()
        self.assertEqual(older.get("/healthz").status, 200)
        self.assertTrue(is_resumed())
        clock.move("2 h")
        eventually("the ticket is worth nothing", lambda: not is_resumed())
        self.assertEqual(older.get("/healthz").status, 200)
        self.assertNotIn("certificate is shown", self.server.stderr)  # it is the same one


if __name__ == "__main__":
    main()
