"""Certificates for tests, made by the program openssl."""

import pathlib
import ssl
import subprocess


class Certificate:
    """A self-signed certificate of 127.0.0.1 and its key, as files in `folder`."""

    def __init__(self, folder, name="server", *more):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        kind = more or ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        done = subprocess.run(["openssl", "req", "-x509", *kind, "-keyout", self.key, "-out", self.certificate,
                               "-days", "30", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"],
                              capture_output=True, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr.decode())

    @property
    def settings(self):
        return f"tls.certificate_file={self.certificate}", f"tls.key_file={self.key}"

    @property
    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text())

    def trusting(self, **attributes):
        """How a client speaks that trusts this certificate and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.certificate)
        for name, value in attributes.items():
            setattr(context, name, value)
        return context

    def put_in_place_of(self, other):
        self.certificate.replace(other.certificate)
        self.key.replace(other.key)
