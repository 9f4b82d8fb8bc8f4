"""A client without a number of its own picks one that is kept ready, in the sign-up's pop-up."""

from gateway.database import tenant
from gateway.onboarding import pool_filling
from gateway.tenancy import house
from tests.browser.conftest import Visitor
from tests.browser.test_signup import advance, begun, is_active, opened


def test_a_number_that_is_kept_ready_is_picked_without_a_code(visitor: Visitor) -> None:
    page, gateway = visitor.page, visitor.gateway
    words = ("lines", "pool", "set", "MA", "1", "--budget", "5", "USD", "--pre-verified")
    assert gateway.run(*words).exit_code == 0
    [kept] = gateway.until(lambda: offered(visitor), working=False)
    path = begun(visitor)
    popup = opened(page)
    advance(popup, 2)
    popup.get_by_label("Or one that needs no code").select_option(kept)
    popup.get_by_role("button", name="Next").click()
    is_active(page)
    assert gateway.get(path)["phone_number"] == kept


def offered(visitor: Visitor) -> list[str]:
    with visitor.gateway.app.app_context(), tenant(house.CLIENT) as session:
        return list(pool_filling.offered(session, "MA").values())
