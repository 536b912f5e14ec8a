"""Keys and certificates of a shop and of an Alipay that exist for one test only."""

import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


def _name(**parts):
    oids = {"C": NameOID.COUNTRY_NAME, "O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
            "CN": NameOID.COMMON_NAME}
    return x509.Name([x509.NameAttribute(oids[part], value) for part, value in parts.items()])


def _certificate(subject, key, issuer, issuer_key):
    now = datetime.datetime(2026, 1, 1)
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now)
                   .not_valid_after(now + datetime.timedelta(days=36_500)).sign(issuer_key, hashes.SHA256()))
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _private(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def _public(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo).decode()


class Keys:
    """Texts in PEM, and the same as files in `folder` for those who read files."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        app, alipay, root = (rsa.generate_private_key(public_exponent=65_537, key_size=2_048) for _ in range(3))
        elliptic = ec.generate_private_key(ec.SECP256R1())
        self.app_private, self.app_public = _private(app), _public(app)
        self.alipay_private, self.alipay_public = _private(alipay), _public(alipay)
        authority = _name(C="CN", O="Sim Financial", OU="Certification Authority", CN="Sim Root R1")
        other = _name(C="CN", O="Sim Financial", OU="Certification Authority", CN="Sim Root E1")
        self.app_certificate = _certificate(_name(C="CN", O="Souk", OU="Shop", CN="app"), app, authority, root)
        self.alipay_certificate = _certificate(_name(C="CN", O="Sim Financial", OU="Alipay", CN="alipay"), alipay,
                                               authority, root)
        # Alipay's own file holds roots of several kinds, two line ends between them; only those of RSA are named.
        self.root_certificates = (_certificate(authority, root, authority, root) + "\n" +
                                  _certificate(other, elliptic, other, elliptic))
        for name in ("app_private", "alipay_public", "app_certificate", "alipay_certificate", "root_certificates"):
            (self.folder / f"{name}.pem").write_text(getattr(self, name), encoding="ascii")

    def file(self, name):
        return str(self.folder / f"{name}.pem")
