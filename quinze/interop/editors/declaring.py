"""How a fake editor tells a platform what was booked on its pages (INT_R03)."""

from dataclasses import dataclass
from urllib.parse import quote

import httpx

from quinze.interop.editors.certificates import context
from quinze.interop.editors.pki import Pair
from quinze.interop.fhir.facts import Resource, octets

TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Platform:
    """`url`: its FHIR base. Over https with a client certificate; over http on this machine, as the proxy in front of
    it would, with the secret that both share.
    """

    url: str
    name: str  # CN of the editor
    secret: str = ""
    pair: Pair | None = None
    authority: str = ""

    def tell(self, appointment: Resource, changed: str = "") -> int:
        """`changed`: system|value of an appointment that was declared before. The status of the answer."""
        path = f"Appointment?identifier={quote(changed, safe=':')}" if changed else "Appointment"
        verify = context(str(self.pair.certificate), str(self.pair.key), self.authority) if self.pair else True
        with httpx.Client(verify=verify, trust_env=False, timeout=TIMEOUT) as client:
            answer = client.request(
                "PUT" if changed else "POST",
                f"{self.url.rstrip('/')}/{path}",
                content=octets(appointment),
                headers={"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"} | self._proxy(),
            )
        return answer.status_code

    def _proxy(self) -> dict[str, str]:
        if not self.secret:
            return {}
        said = {"X-Fhir-Proxy-Secret": self.secret, "X-Client-Verify": "SUCCESS"}
        return said | {"X-Client-Subject": f"CN={self.name}"}
