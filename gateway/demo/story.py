"""The story: what happens, and what must be true after each act."""

from decimal import Decimal
from typing import Any

from gateway.demo.reading import eventually, phone_path
from gateway.demo.stage import CANDIDATE, Play, rows_of_others
from gateway.sandbox.logo import company_logo

COMPANY = "Atlas Logistics"
HOURS_LATER = 25
ADDRESS = {"street": "12 bis, boulevard Zerktouni", "postal_code": "20000", "city": "Casablanca"}
PAPERS = {"rc": "extrait-rc.pdf", "tax_id": "attestation-ice.pdf", "utility_bill": "facture.pdf"}
SAYS = {
    "rc": {"number": "123456", "court": "Casablanca"},
    "tax_id": {"number": "001561191000066"},
    "utility_bill": {"address": "20 000 Casablanca, Bd Zerktouni n° 12bis"},
}


class Story(Play):
    """Tells the acts in order."""

    def run(self) -> None:
        for act in (
            self.a_client,
            self.one_click,
            self.the_introduction,
            self.the_answer,
            self.the_window_closes,
            self.the_recruiter_leaves,
            self.another_client,
            self.the_costs,
        ):
            self._chapter = (act.__doc__ or "").rstrip(".")
            act()

    def a_client(self) -> None:
        """A client with its logo and papers."""
        self.client = self._api.post(
            "/v1/clients",
            {
                "name": COMPANY,
                "legal_name": "Atlas Logistics SARL",
                "country": "MA",
                "registered_address": ADDRESS,
                "default_language": "en",
            },
        )["id"]
        pdf = b"%PDF-1.4\n% a paper of the demo\n"
        today = self._sandbox.get("/sandbox/clock")["now"][:10]
        for kind, name in PAPERS.items():
            bill = self._upload(kind, name, pdf, issued_on=today, **SAYS[kind])
        self._upload("logo", "logo.png", company_logo())
        verdict = bill["comparison"]["verdict"]
        self._claim(
            "The address on the bill looks like the registered one; a person has to confirm it",
            (bill["state"], verdict) == ("to_confirm", "same"),
            bill,
        )
        self._api.post(f"/v1/clients/{self.client}/documents/{bill['id']}/confirm")
        states = {paper["kind"]: paper["state"] for paper in self._read("/documents")["data"]}
        self._claim(
            f"{COMPANY} is there with its logo, RC, tax id and utility bill",
            states == dict.fromkeys((*PAPERS, "logo"), "accepted"),
            states,
        )
        cases = self._read("/cases")["data"]
        recommended = [row["case"] for row in cases if row["recommended"]]
        self._claim(
            "Of the three ways to a line, the virtual number is recommended",
            recommended == ["virtual-number"] and len(cases) == 3,
            [row["case"] for row in cases],
        )

    def one_click(self) -> None:
        """One click: Activate Recruitment Line."""
        self.line = self._api.post(f"/v1/clients/{self.client}/lines", {"case": "virtual-number"})[
            "id"
        ]
        line = eventually(
            lambda: self._read(f"/lines/{self.line}"),
            lambda line: (
                line["status"] in ("active", "failed") and line["display_name_status"] == "APPROVED"
            ),
        )
        self.number = line["phone_number"] or ""
        self._claim(
            f"The line is active, step by step: {_steps(line)}",
            line["status"] == "active",
            {"status": line["status"], "steps": line["activation"]["steps"]},
        )
        self._claim(f"It has a Moroccan number: {self.number}", self.number[:4] == "+212", line)
        bought = [
            entry
            for entry in self._sandbox.get("/sandbox/suppliers/twilio/ledger")["data"]
            if entry["reference"] == self.line and entry["event"] == "bought"
        ]
        self._claim("Exactly one number was bought for it", len(bought) == 1, bought)
        stats = self._sandbox.get("/sandbox/stats")["telephony"]
        self._claim(
            "Its verification code reached it by voice: the number hears no texts",
            stats == {"calls": 1, "texts": 0},
            stats,
        )
        card = self._sandbox.get(f"{phone_path(CANDIDATE)}/contacts/{self.number}")
        self._claim(
            f"A candidate sees it as “{COMPANY} Recruitment”",
            card["title"] == f"{COMPANY} Recruitment",
            card,
        )
        self._claim(
            "… with the client's logo as its picture and “Powered by LinkoJob” as its about",
            bool(card["picture_sha256"]) and card["about"] == "Powered by LinkoJob",
            card,
        )

    def the_introduction(self) -> None:
        """A recruiter opens a conversation."""
        self.recruiter = self._recruiter("Sara El Amrani", "sara@atlas.example")
        self.colleague = self._recruiter("Youssef Benali", "youssef@atlas.example")
        talk = self._api.post(
            f"/v1/clients/{self.client}/conversations",
            {
                "line_id": self.line,
                "recruiter_id": self.recruiter,
                "candidate": {"name": "Imane Tazi", "phone": "0661000001"},
                "application_ref": "DRIVER-118",
            },
        )
        self.conversation = talk["id"]
        words = (
            f"Hi, I'm Sara El Amrani from {COMPANY}. I'm contacting you via our LinkoJob portal"
            " regarding your application."
        )
        seen = eventually(self._phone, bool)
        self._claim(
            f"The introduction reached her phone, alone: “{words}”",
            [_words(message) for message in seen] == [words],
            seen,
        )
        status, refusal = self._send({"type": "text", "text": {"body": "Are you there?"}})
        self._claim(
            "Before she answers, free text is refused: reply_window_closed",
            (status, refusal.get("code")) == (409, "reply_window_closed"),
            refusal,
        )

    def the_answer(self) -> None:
        """The candidate answers."""
        self._write("Yes, I am interested!")
        talk = eventually(self._talk, lambda talk: bool(talk["reply_window"]["open"]))
        self._claim(
            f"Her answer opened the reply window until {talk['reply_window']['closes_at']}",
            talk["reply_window"]["open"],
            talk["reply_window"],
        )
        before = len(self._phone())
        self._send({"type": "text", "text": {"body": "Can you come on Tuesday at ten?"}})
        seen = eventually(self._phone, lambda seen: len(seen) > before)
        self._claim(
            "A free reply inside the window reached her phone",
            [_words(message) for message in seen[before:]] == ["Can you come on Tuesday at ten?"],
            seen[before:],
        )

    def the_window_closes(self) -> None:
        """The reply window closes."""
        self._sandbox.put("/sandbox/clock", {"advance_seconds": HOURS_LATER * 3600})
        before = len(self._phone())
        status, refusal = self._send({"type": "text", "text": {"body": "Still coming?"}})
        self._claim(
            f"{HOURS_LATER} hours later free text is refused, with the reason and what may be sent",
            (status, refusal.get("code")) == (409, "reply_window_closed")
            and bool(refusal.get("templates")),
            {"status": status, "answer": refusal},
        )
        status, answer = self._send(
            {
                "type": "template",
                "template": {
                    "name": "recruitment_introduction",
                    "language": {"code": "en"},
                    "components": [
                        {
                            "type": "body",
                            "parameters": [
                                {"type": "text", "text": "Sara El Amrani"},
                                {"type": "text", "text": COMPANY},
                            ],
                        }
                    ],
                },
            }
        )
        seen = eventually(self._phone, lambda seen: len(seen) > before)
        self._claim(
            "An approved template passes, and only that",
            [message["type"] for message in seen[before:]] == ["template"],
            {"answer": answer, "phone": seen[before:]},
        )

    def the_recruiter_leaves(self) -> None:
        """The recruiter leaves, a colleague takes over."""
        before = self._history()
        self._api.post(
            f"/v1/clients/{self.client}/recruiters/{self.recruiter}/leave",
            {"hand_over_to": self.colleague},
        )
        talk = self._talk()
        self._claim(
            "In one act the conversation is Youssef Benali's, on the same number",
            talk["recruiter_id"] == self.colleague and talk["line_id"] == self.line,
            talk,
        )
        mine = self._read(f"/conversations?recruiter_id={self.colleague}")["data"]
        kept = self._history() if [row["id"] for row in mine] == [self.conversation] else []
        self._claim(
            f"He has the whole history, all {len(before)} messages of it",
            kept == before and len(before) == 4,
            {"before": before, "after": kept},
        )
        self._write("Hello again, Tuesday is fine.")
        eventually(self._talk, lambda talk: bool(talk["reply_window"]["open"]))
        count = len(self._phone())
        self._send({"type": "text", "text": {"body": "Perfect, see you then. Youssef"}})
        seen = eventually(self._phone, lambda seen: len(seen) > count + 1)[count:]
        self._claim(
            "His reply comes from the number she knows, after his own introduction",
            [message["from"] for message in seen] == [self.number] * 2
            and "I'm Youssef Benali from" in _words(seen[0])
            and _words(seen[1]) == "Perfect, see you then. Youssef",
            seen,
        )

    def another_client(self) -> None:
        """A second client."""
        self.other_client = self._api.post("/v1/clients", {"name": "Rif Textile", "country": "MA"})[
            "id"
        ]
        path = f"/v1/clients/{self.other_client}"
        status = self._api.status(f"{path}/conversations/{self.conversation}")
        listed = self._api.get(f"{path}/conversations")["data"]
        self._claim(
            "Rif Textile sees nothing of it: no conversation, and a 404 for this one's id",
            status == 404 and listed == [],
            {"status": status, "listed": listed},
        )
        foreign = rows_of_others(self._stage.database_url, self.other_client)
        self._api.last = "SQL: SELECT count(*) of every table, as the application's role"
        self._claim(
            "In the database itself, its scope shows no row of anybody else's",
            not foreign,
            foreign,
        )

    def the_costs(self) -> None:
        """The month's costs."""

        def figures() -> Any:
            status = self._api.status(f"/v1/clients/{self.client}/costs")
            return self._read("/costs") if status == 200 else {"lines": []}

        costs = eventually(figures, lambda costs: _delivered(costs) == 5)
        totals = costs.get("totals", {})
        self._claim(
            f"This month cost {totals.get('USD')} USD, that is {totals.get('MAD')} MAD:"
            " the number, and each message that was delivered",
            _delivered(costs) == 5
            and Decimal(totals.get("USD", "0")) > 1
            and Decimal(totals.get("MAD", "0")) > 10,
            costs,
        )


def _steps(line: Any) -> str:
    return ", ".join(step["name"] for step in line["activation"]["steps"])


def _words(message: Any) -> str:
    return str(message.get("text", {}).get("body", ""))


def _delivered(costs: Any) -> int:
    return sum(row["quantity"] for row in costs["lines"] if row["kind"] == "message")
