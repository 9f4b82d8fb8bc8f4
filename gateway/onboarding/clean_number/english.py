"""The answers in English."""

from typing import Final

from gateway.onboarding.clean_number.texts import Language

LANGUAGE: Final = Language(
    code="en",
    direction="ltr",
    words={
        "question": "Where does the number live today?",
        "why": "A number can be connected only if nothing else uses it on WhatsApp. Choose what"
        " fits; each answer says what to do first.",
        "keep": "Keep it in the app and go on",
        "kept": "The number stays in the WhatsApp Business app.",
        "other": "The number shall leave the app instead",
        "said": "What did Meta's page say?",
        "next": "What to do",
    },
    places={
        "consumer_app": "In the ordinary WhatsApp app",
        "business_app": "In the WhatsApp Business app",
        "other_provider": "With another provider of the WhatsApp API",
        "landline": "Nowhere: it is a landline without WhatsApp",
        "behind_ivr": "Nowhere: calls to it reach a menu or a switchboard",
        "nowhere": "Nowhere: it is a mobile number without WhatsApp",
    },
    ways={
        "delete_account": (
            "Delete the account in the app first",
            (
                "Save what you need: chats and groups of that account are lost.",
                "In the app open Settings, Account, Delete account, and type the number.",
                "Wait three minutes: WhatsApp frees the number meanwhile.",
                "Then open Meta's sign-up here.",
            ),
        ),
        "become_business_app": (
            "Or move it to the WhatsApp Business app and keep it there",
            (
                "Install WhatsApp Business on the same phone and take the number over: the chats"
                " come along.",
                "Use it there for some days, then come back and choose “In the WhatsApp Business"
                " app”.",
            ),
        ),
        "coexist": (
            "Keep it in the app, and use it here as well",
            (
                "Update the app (2.24.17 or newer) and have the phone at hand.",
                "Open Meta's sign-up here and type the number; a chat of Facebook's appears in the"
                " app.",
                "Tap “Connect” there, choose whether to share the history, and type the code into"
                " Meta's window.",
                "Go on using the app; open it every two weeks at least, or the link ends.",
            ),
        ),
        "provider_releases": (
            "Have the old provider let it go",
            (
                "Ask the provider to deregister the number and delete it from its account.",
                "Have two-step verification turned off there: else its PIN is asked for.",
                "Then open Meta's sign-up here.",
            ),
        ),
        "migrate": (
            "Or move it with its name and quality",
            (
                "Have two-step verification turned off at the old provider.",
                "Open Meta's sign-up here, with the same business portfolio, and type the number.",
                "Type the code that Meta sends; the number moves, its name stays.",
            ),
        ),
        "hear_a_call": (
            "Have the code told by a call",
            (
                "Make sure that calls from abroad reach the number, and stand beside it.",
                "In Meta's window choose “Phone call” and write down the six digits.",
            ),
        ),
        "let_calls_through": (
            "Let Meta's call through",
            (
                "Have the menu or switchboard turned off for half an hour, or all calls sent to a"
                " person.",
                "In Meta's window choose “Phone call” and write down the six digits.",
                "Then turn the menu on again.",
            ),
        ),
        "ready": (
            "It can be connected as it is",
            ("Have the phone at hand: a code of six digits comes by text or call.",),
        ),
    },
    answers={
        "number_in_use": (
            "The number still has a WhatsApp account, in an app or with another provider.",
            "Delete that account in the app, or have the old provider release it; then try again"
            " here. We wait the three minutes that WhatsApp takes.",
        ),
        "number_releasing": (
            "WhatsApp takes up to three minutes to free a number.",
            "Nothing: we try by ourselves when they are over.",
        ),
        "pin_mismatch": (
            "The number has two-step verification with a PIN that we do not know.",
            "Enter that PIN on the sign-up page; or turn two-step verification off in the WhatsApp"
            " Manager, under Phone numbers, or have the old provider do so, and try again.",
        ),
        "pin_tries": (
            "A wrong PIN was tried too often.",
            "Nothing: we go on by ourselves. Meanwhile turn two-step verification off in the"
            " WhatsApp Manager.",
        ),
        "not_verified": (
            "The number was never confirmed by its 6-digit code, or that was too long ago.",
            "Open Meta's sign-up once more and type the code it sends.",
        ),
        "number_already_added": (
            "The number is in your WhatsApp account already.",
            "Choose it from the list in Meta's window instead of typing it.",
        ),
        "number_banned": (
            "WhatsApp has banned this number.",
            "Ask WhatsApp in the app for a review, or connect another number.",
        ),
        "number_not_reachable": (
            "Meta cannot send a code to this number: it is not valid, or a menu answers its calls.",
            "Check the number and its country code; let calls from abroad through to a person, and"
            " choose “Phone call”.",
        ),
        "number_limit_reached": (
            "Your business holds as many numbers as Meta allows: two until it is verified.",
            "Remove a number in the WhatsApp Manager, or have the business verified in Meta's"
            " Business settings.",
        ),
        "name_against_rules": (
            "Meta does not take this display name.",
            "Give the company's name as on its website: no person, no place or general word alone,"
            " no address of a website, no capitals throughout.",
        ),
        "too_many_tries": (
            "Too many wrong codes were typed.",
            "Wait twelve hours, then open Meta's sign-up again.",
        ),
        "too_many_codes": (
            "Too many codes were asked for.",
            "Use the last code that came; else wait twelve hours and open Meta's sign-up again.",
        ),
        "register_limit": (
            "Meta takes ten registrations of a number in 72 hours, and they are used up.",
            "Nothing: it goes on by itself when they have passed. Free the number meanwhile.",
        ),
        "attempts_used_up": (
            "Meta takes ten registrations of a number in 72 hours, and they are used up.",
            "Nothing: it goes on by itself when they have passed. Free the number meanwhile.",
        ),
        "recently_deleted": (
            "The number was deleted moments ago.",
            "Nothing: we try again by ourselves in five minutes.",
        ),
        "migration_refused": (
            "Meta does not let the number move as it stands.",
            "Have two-step verification turned off and the number's name approved at the old"
            " provider, and use the same business portfolio.",
        ),
        "account_locked": (
            "Meta has restricted or locked the WhatsApp account.",
            "See in the WhatsApp Manager why, and appeal there.",
        ),
        "payment_method_missing": (
            "Meta cannot charge your WhatsApp account, and so delivers nothing.",
            "Add a payment method in the WhatsApp Manager; we look again by ourselves.",
        ),
        "app_not_linked": (
            "The number stays in the WhatsApp Business app, which is not linked yet.",
            "Open the app and confirm the link in Facebook's chat; we look again by ourselves.",
        ),
        "waiting_for_signup": (
            "You are to sign up at Meta.",
            "Say first where the number lives today, then open Meta's sign-up.",
        ),
        "signup_cancelled": (
            "Meta's window was closed before its end. Nothing is lost.",
            "Open it again. If it refused the number, choose below what it said.",
        ),
        "signup_failed": (
            "Meta's window reported a problem.",
            "Open it again. If it refused the number, choose below what it said.",
        ),
        "signup_without_number": (
            "The sign-up ended without a number.",
            "Open it again and give it the number.",
        ),
        "number_not_said": (
            "You let us see several numbers, and Meta did not say which one you mean.",
            "Choose it on the sign-up page, or open Meta's sign-up again.",
        ),
        "waba_not_granted": (
            "The WhatsApp account that you chose was not shared with us.",
            "Open Meta's sign-up again, choose the account and leave every permission ticked.",
        ),
        "number_not_granted": (
            "The number that you chose is not in the account that was shared with us.",
            "Open Meta's sign-up again and choose the number there.",
        ),
        "waba_of_another_client": (
            "This WhatsApp account is connected here by another company already.",
            "Choose another account, or have that company disconnect it first.",
        ),
        "number_of_another_line": (
            "This number is connected here already.",
            "Choose another number, or have its line disconnected first.",
        ),
        "another_account": (
            "This is another WhatsApp account than the one of your line.",
            "Open Meta's sign-up again and choose the account that your line's number is in.",
        ),
        "signup_code_expired": (
            "Meta's answer reached us too late: it is good for 30 seconds.",
            "Open Meta's sign-up again and go through it in one go.",
        ),
        "signup_code_used": (
            "Meta's answer was used before.",
            "Open Meta's sign-up again and go through it in one go.",
        ),
        "signup_code_wrong": (
            "Meta does not know the answer that we were given.",
            "Open Meta's sign-up again from this page.",
        ),
        "signup_not_ours": (
            "A permission that we need was not granted.",
            "Open Meta's sign-up again and leave every permission ticked.",
        ),
        "not_connected": (
            "Meta took the registration, but does not show the number connected yet.",
            "Nothing: we look again by ourselves.",
        ),
    },
    said={
        "number_in_use": "This number is registered with a WhatsApp account already.",
        "number_already_added": "This number is in your list already.",
        "number_banned": "This number is banned.",
        "number_not_reachable": "This number is not valid, or uses an IVR.",
        "number_limit_reached": "Your business has reached its number of phone numbers.",
        "name_against_rules": "The display name does not follow the rules.",
        "too_many_tries": "Too many tries. Try again later.",
        "too_many_codes": "Too many codes were requested.",
    },
)
