"""The simulated template catalogue of a WABA, with its review."""

from typing import Any

from flask import Blueprint, request

from . import simulator_template_text as text
from .simulator_errors import GraphError
from .simulator_platform import Platform, chosen, given, page

# Fields that a template may be asked for and that have no value here: Meta leaves such ones out.
_EMPTY = ("correct_category", "cta_url_link_tracking_opted_out", "degrees_of_freedom_spec",
          "library_template_name", "message_send_ttl_seconds", "previous_category",
          "quality_score", "sub_category")  # fmt: skip
_USUAL = ("name", "language", "status", "category", "components", "parameter_format", "id")


class Templates:
    """Templates wait for a review that ends by itself, unless the panel holds it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        platform.world.on("graph.review_template", self._review)

    def mount(self, blueprint: Blueprint) -> None:
        path = "/<version>/<waba_id>/message_templates"
        for method, view in (
            ("GET", self.list_templates), ("POST", self.create), ("DELETE", self.remove),
        ):  # fmt: skip
            blueprint.add_url_rule(path, view_func=view, methods=[method])

    def list_templates(self, waba_id: str) -> Any:
        with self._platform.call("read_message_templates"):
            self._platform.portfolio_of(waba_id)
            wanted = request.args.get("name", "")
            found = [t for t in self._of(waba_id) if wanted in t["name"]]
            shown = [chosen(dict.fromkeys(_EMPTY) | template, _USUAL) for template in found]
            return page(shown, request.base_url) | self._summary(waba_id)

    def _summary(self, waba_id: str) -> dict[str, Any]:
        asked = request.args.get("summary")
        if not asked:
            return {}
        here = self._of(waba_id)
        known = {
            "total_count": len(here),
            "message_template_count": len({template["name"] for template in here}),
            "message_template_limit": 250,
            "are_translations_complete": True,
        }
        return {"summary": {name: known[name] for name in asked.split(",") if name in known}}

    def create(self, waba_id: str) -> Any:
        with self._platform.call("message_templates"), self._platform.lock:
            self._platform.portfolio_of(waba_id)
            asked = given()
            text.check(asked)
            if self._find(waba_id, asked["name"], asked["language"]):
                raise GraphError(100, "There is content in this language under this name already.")
            template = {
                "id": self._platform.identifier("template", 5_500_000_000_000_000),
                "waba_id": waba_id,
                "name": asked["name"],
                "language": asked["language"],
                "category": self._platform.decisions.category(asked["category"]),
                "parameter_format": str(asked.get("parameter_format", "POSITIONAL")).upper(),
                "components": asked["components"],
                "status": "PENDING",
                "rejected_reason": "NONE",
            }
            self._save(template)
            self._platform.world.later(
                float(self._platform.world.settings["approve_after_seconds"]),
                "graph.review_template",
                {"template_id": template["id"]},
            )
            return {key: template[key] for key in ("id", "status", "category")}

    def remove(self, waba_id: str) -> Any:
        with self._platform.call("remove_message_templates"), self._platform.lock:
            self._platform.portfolio_of(waba_id)
            name, only = request.args.get("name"), request.args.get("hsm_id")
            gone = [t for t in self._of(waba_id) if t["name"] == name and only in (None, t["id"])]
            if not gone:
                raise GraphError(100, "There is no such template.")
            for template in gone:
                self._platform.world.store.delete("graph_template", template["id"])
            return {"success": True}

    def sent(self, waba_id: str, content: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """The template that a message names and the text it then has; refuses what cannot go."""
        language = content.get("language")
        code = language.get("code") if isinstance(language, dict) else None
        template = self._find(waba_id, content.get("name"), code)
        if template is None or template["status"] in ("PENDING", "REJECTED"):
            raise GraphError(132001, f"{content.get('name')} in {code} is not there, or waits.")
        return template, text.render(template, content)

    def review_waiting(self) -> None:
        """Decide on what a changed decision no longer holds back."""
        for template_id, _ in self._platform.world.store.all("graph_template"):
            self._review({"template_id": template_id})

    def _review(self, task: dict[str, Any]) -> None:
        decision = self._platform.decisions.review("template")
        with self._platform.lock:
            template = self._platform.world.store.get("graph_template", task["template_id"])
            if decision == "hold" or template is None or template["status"] != "PENDING":
                return
            approved = decision == "approve"
            template["status"] = "APPROVED" if approved else "REJECTED"
            template["rejected_reason"] = "NONE" if approved else "TAG_CONTENT_MISMATCH"
            self._save(template)
        self._platform.webhook(
            template["waba_id"],
            "message_template_status_update",
            {
                "event": template["status"],
                "message_template_id": int(template["id"]),
                "message_template_name": template["name"],
                "message_template_language": template["language"],
                "message_template_category": template["category"],
                "reason": template["rejected_reason"],
            },
        )

    def _find(self, waba_id: str, name: Any, language: Any) -> dict[str, Any] | None:
        key = f"{waba_id}:{name}:{language}"
        found = self._platform.world.store.get("graph_template_name", key)
        return self._platform.world.store.get("graph_template", found["id"]) if found else None

    def _of(self, waba_id: str) -> list[dict[str, Any]]:
        held = self._platform.world.store.all("graph_template")
        return [template for _, template in held if template["waba_id"] == waba_id]

    def _save(self, template: dict[str, Any]) -> None:
        store = self._platform.world.store
        store.put("graph_template", template["id"], template)
        key = f"{template['waba_id']}:{template['name']}:{template['language']}"
        store.put("graph_template_name", key, {"id": template["id"]})
