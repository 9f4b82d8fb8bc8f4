"""A token that is good for several accounts: only what the client meant becomes its line."""

from tests.harness import Gateway
from tests.onboarding.popup import Finished, sign_up
from tests.onboarding.test_embedded_signup import active, begun, refused

OWN, OTHER = "+212600111011", "+212600111012"


def as_well(gateway: Gateway, *earlier: Finished) -> None:
    """Every new token sees these accounts too, since they were granted before."""
    gateway.panel("PUT", "/graph/decisions", {"also_granted": [one.waba_id for one in earlier]})


def test_the_account_that_was_named_is_used_and_an_unnamed_one_is_asked_for(
    gateway: Gateway,
) -> None:
    client = gateway.client()
    earlier = sign_up(gateway, OTHER, "Zellige")
    as_well(gateway, earlier)

    named = begun(gateway, client)
    done = sign_up(gateway, OWN)
    gateway.post(f"{named}/embedded-signup", done.report | {"phone_number_id": None})
    line = active(gateway, named)
    assert (line["phone_number"], line["waba_id"]) == (OWN, done.waba_id)

    path = begun(gateway, client)
    unnamed = sign_up(gateway, "+212600111013", "Nouvelle")
    assert refused(gateway, path, {"code": unnamed.code}) == "number_not_said"
    [first, *_] = gateway.get(path)["activation"]["steps"]
    for number in (OTHER, "+212600111013"):
        assert number in first["error"]["detail"]
    meant = {"waba_id": earlier.waba_id, "phone_number_id": earlier.phone_number_id}
    gateway.post(f"{path}/embedded-signup", {"event": "FINISH", **meant})
    assert active(gateway, path)["phone_number"] == OTHER


def test_another_clients_account_is_refused_and_the_rest_is_offered(gateway: Gateway) -> None:
    theirs = begun(gateway, gateway.client("Zellige Conseil"))
    taken = sign_up(gateway, OTHER, "Zellige")
    gateway.post(f"{theirs}/embedded-signup", taken.report)
    active(gateway, theirs)

    path = begun(gateway, gateway.client())
    as_well(gateway, taken)
    mine = sign_up(gateway, OWN)
    stolen = {"waba_id": taken.waba_id, "phone_number_id": taken.phone_number_id}
    wrong = {"code": mine.code, "event": "FINISH", **stolen}
    assert refused(gateway, path, wrong) == "waba_of_another_client"
    [first, *_] = gateway.get(path)["activation"]["steps"]
    assert OWN in first["error"]["detail"]
    assert OTHER not in first["error"]["detail"]

    url = gateway.get(path)["activation"]["signup_url"]
    page = gateway.session.get(f"{url}?lang=en", timeout=30).text
    assert f'value="{mine.phone_number_id}"' in page
    assert f'value="{taken.phone_number_id}"' not in page
    gateway.session.post(f"{url}/choose", {"phone_number_id": taken.phone_number_id}, timeout=30)
    gateway.session.post(f"{url}/choose", {"phone_number_id": mine.phone_number_id}, timeout=30)
    assert active(gateway, path)["phone_number"] == OWN
    assert gateway.get(theirs)["phone_number"] == OTHER
