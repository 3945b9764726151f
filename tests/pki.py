"""An authority of the tests: certificates of servers and clients, lists of those taken back; PEM files in a folder.

    authority = Authority(tmp_path)
    server = authority.server()                                # for 127.0.0.1 and localhost
    client = authority.client("plateforme.test", unit="SAS")   # .certificate, .key, .both: paths
    authority.revoke(client)                                   # writes authority.crl again
    authority.server_context(server), authority.client_context(client)

Keys are of an elliptic curve: making one takes less than a millisecond.
"""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate, its key, and both in one file."""

    certificate: Path
    key: Path
    both: Path
    read: x509.Certificate


class Authority:
    """`at`: when everything it makes begins to count; certificates last 30 days, lists 7."""

    def __init__(self, folder: Path, name: str = "Autorité de test", *, at: datetime | None = None) -> None:
        self.folder, self.at = folder, (at or datetime.now(UTC)) - timedelta(hours=1)
        self._revoked: list[int] = []
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name, "IGC", "ESSAI")
        self.certificate = self._signed(self._name, self._key.public_key(), [(_ROOT, True)])
        self.ca = folder / f"{_plain(name)}-ca.pem"
        self.crl = folder / f"{_plain(name)}-crl.pem"
        self.ca.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        self.write_crl()

    # ---- certificates

    def server(self, *hosts: str) -> Pair:
        """For the hosts given, else for this machine."""
        return self.pair("serveur.test", "SAS", hosts=hosts or ("localhost", "127.0.0.1"))

    def client(self, name: str, *, unit: str = "SAS", more_units: tuple[str, ...] = (), days: int = 30) -> Pair:
        return self.pair(name, unit, *more_units, days=days)

    def pair(self, name: str, *units: str, hosts: tuple[str, ...] = (), days: int = 30) -> Pair:
        """Without hosts, of a client. `days` below 0: it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        extensions: list[tuple[x509.ExtensionType, bool]] = [(x509.ExtendedKeyUsage([purpose]), False)]
        if hosts:
            extensions.append((x509.SubjectAlternativeName([_host(each) for each in hosts]), False))
        made = self._signed(_named(name, *units), key.public_key(), extensions, days=days)
        return _kept(self.folder / f"{_plain(name)}-{made.serial_number % 10**8}", made, key)

    def _signed(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        extensions: list[tuple[x509.ExtensionType, bool]],
        *,
        days: int = 30,
    ) -> x509.Certificate:
        begins = self.at if days > 0 else self.at + 2 * days * DAY
        builder = x509.CertificateBuilder(
            self._name, name, key, x509.random_serial_number(), begins, begins + abs(days) * DAY
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self._key, hashes.SHA256())

    # ---- the list of those taken back

    def revoke(self, *pairs: Pair) -> None:
        self._revoked += [pair.read.serial_number for pair in pairs]
        self.write_crl()

    def write_crl(self, *, days: int = 7) -> None:
        """`days` below 0: the list has expired. The file is replaced whole, as an administrator should."""
        begins = self.at if days > 0 else self.at + 2 * days * DAY
        builder = x509.CertificateRevocationListBuilder(self._name, begins, begins + abs(days) * DAY)
        for serial in self._revoked:
            builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, begins).build())
        made = self.crl.with_suffix(".new")
        made.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        made.replace(self.crl)

    # ---- contexts of TLS

    def server_context(self, server: Pair, *, clients: ssl.VerifyMode = ssl.CERT_OPTIONAL) -> ssl.SSLContext:
        """Of a server of the tests (a simulated peer): clients show a certificate of this authority, or none."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server.certificate, server.key)
        context.load_verify_locations(self.ca)
        context.verify_mode = clients
        return context

    def client_context(self, client: Pair | None = None) -> ssl.SSLContext:
        """Trusts this authority alone; shows a certificate when one is given."""
        context = ssl.create_default_context(cafile=str(self.ca))
        if client:
            context.load_cert_chain(client.certificate, client.key)
        return context


_ROOT = x509.BasicConstraints(ca=True, path_length=0)


def _named(name: str, *units: str) -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "FR"), (NameOID.ORGANIZATION_NAME, "ESSAI")]
    parts += [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units if unit]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in (*parts, (NameOID.COMMON_NAME, name))])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _kept(stem: Path, made: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    certificate = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pair = Pair(stem.with_suffix(".crt.pem"), stem.with_suffix(".key.pem"), stem.with_suffix(".pem"), made)
    for path, content in ((pair.certificate, certificate), (pair.key, secret), (pair.both, certificate + secret)):
        path.touch(mode=0o600)
        path.write_bytes(content)
    return pair


def _plain(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name).lower()
