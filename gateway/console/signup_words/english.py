"""The sign-up page in English."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "title": "Connect your WhatsApp number",
    "lead": "It takes about five minutes. Have the phone of that number at hand, and the Facebook"
    " account that manages your company.",
    "yours": "The number, its account and its name stay yours. You can take them back at any time.",
    "language": "Language of this page",
    "window": "Then answer Meta",
    "window_why": "WhatsApp belongs to Meta, so a window of Meta's opens over this page. It asks"
    " for four things:",
    "log_in": "Log in",
    "log_in_how": "With the Facebook account that manages your company.",
    "portfolio": "Choose your business portfolio",
    "portfolio_how": "That is Meta's folder for your company. Take the one you have, or make one"
    " there. We fill in what we know of name and address.",
    "number": "Type the number",
    "number_how": "With its country code, and the name that candidates will see: the company's,"
    " never a person's.",
    "code": "Enter the 6-digit code",
    "code_how": "It reaches the number by text message or call.",
    "open": "Open Meta's sign-up",
    "loading": "Loading Meta's script…",
    "working": "Go on in Meta's window. Leave this page open until it ends.",
    "checking": "Meta's window is done. We ask Meta what you granted; this takes some seconds.",
    "no_sdk": "Meta's script did not load. A blocker of advertisements or trackers may keep it"
    " away: allow connect.facebook.net for this page, then reload it.",
    "blocked": "Your browser blocked the window. Allow pop-ups for this page (the sign beside the"
    " address), then press the button again.",
    "closed": "The window was closed before its end. Nothing is lost: press the button again.",
    "not_sent": "We could not be reached, and Meta's code has expired meanwhile. Press the button"
    " again.",
    "no_script": "This page needs JavaScript: it opens Meta's window.",
    "not_connected": "Not connected yet",
    "left_at": "The window was left at this step:",
    "left.BUSINESS_ACCOUNT_SELECTION": "choosing the business portfolio",
    "left.WABA_PHONE_PROFILE_PICKER": "choosing the WhatsApp account",
    "left.WHATSAPP_BUSINESS_PROFILE_SETUP": "describing the company",
    "left.PHONE_NUMBER_SETUP": "typing the number",
    "left.PHONE_NUMBER_VERIFICATION": "entering the 6-digit code",
    "left.PERMISSIONS": "granting the permissions",
    "in_app": "Is it in the WhatsApp Business app? Then it may stay there.",
    "choose": "Which number shall become your line?",
    "choose_why": "You let us see several. We use the one that you choose, and no other.",
    "choose_button": "Use this number",
    "choose_none": "Choose one of the numbers.",
    "account_of": "WhatsApp account",
    "connected": "Your number is connected",
    "connected_how": "It is being set up. You may close this page: the set-up goes on by itself.",
    "your_turn": "One thing is left for you to do. After it the set-up goes on by itself.",
    "manager": "Open the WhatsApp Manager",
    "active": "Your line is active",
    "active_how": "Candidates can be written to from this number. You can close this page.",
    "renew": "Meta's permission ends soon, or has ended. Open Meta's sign-up once more to renew"
    " it.",
    "name_waits": "Meta is looking at this name. Until it is approved, candidates see the number"
    " instead; nothing for you to do.",
    "name_refused": "Meta did not approve this name, so candidates see the number instead. Tell"
    " whoever gave you this address which name to hand in next.",
    "stopped": "The set-up has stopped",
    "stopped_how": "Nothing is lost: once you have done what is said below, it goes on where it"
    " stopped.",
    "again": "Try again",
    "pin": "Enter the PIN of the number",
    "pin_why": "These are the six digits that somebody chose for two-step verification when the"
    " number was registered elsewhere; it is not the code from the text message. We hand them to"
    " Meta, keep them encrypted and show them to nobody.",
    "pin_label": "PIN, 6 digits",
    "pin_left": "Tries that Meta still takes in 72 hours:",
    "pin_wrong": "A PIN has exactly six digits.",
    "pin_refused": "Meta did not take this PIN.",
    "pin_button": "Go on with this PIN",
    "pin_unknown": "Nobody knows the PIN? Turn two-step verification off",
    "pin_off_1": "Open the WhatsApp Manager at business.facebook.com and choose Phone numbers.",
    "pin_off_2": "Open the settings of the number, then Two-step verification, and press Turn off"
    " two-step verification.",
    "pin_off_3": "Meta writes to the e-mail address of your business portfolio: confirm by the"
    " link in that mail. With another provider, ask that provider to do it.",
    "pin_off_4": "Come back here.",
    "pin_off_button": "It is turned off: go on",
    "step.signup": "Connect your number at Meta",
    "step.subscribe": "Receive the number's messages",
    "step.register": "Register the number with WhatsApp",
    "step.payment": "Check your payment method at Meta",
    "step.brand": "Check the line's name and profile",
    "step.introduce": "Prepare the first message to candidates",
    "state.pending": "Not started",
    "state.running": "Under way",
    "state.waiting": "Waiting",
    "state.done": "Done",
    "state.failed": "Stopped",
    "state.undone": "Taken back",
    "state.undo_failed": "Could not be taken back yet; we keep trying",
    "who.gateway": "Nobody needs to act: we try again by ourselves.",
    "who.client": "You must act.",
    "who.supplier": "The seller of the number must act. Nothing for you to do.",
    "who.meta": "Meta must act. Nothing for you to do.",
    "who.operator": "Whoever gave you this address must act. Nothing for you to do.",
    "other_problem": "Something did not work.",
    "quote": "If it stays so, pass this on to whoever gave you this address, or to Meta's support:",
    "gone": "This page is not there",
    "gone_how": "This address is not good any more, or was not copied whole. Ask whoever gave it"
    " to you for a new one.",
    "closed_page": "Nothing to do here",
    "closed_page_how": "Nobody has to sign up for this line now.",
    "not_set_up": "Not set up yet",
    "not_set_up_how": "Whoever gave you this address has to set the sign-up up first.",
}
