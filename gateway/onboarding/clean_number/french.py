"""The answers in French."""

from typing import Final

from gateway.onboarding.clean_number.texts import Language

_TEN: Final = (
    "Meta accepte dix enregistrements d'un numéro en 72 heures, et ils sont épuisés.",
    "Rien : cela reprend tout seul ensuite. Libérez le numéro d'ici là.",
)

LANGUAGE: Final = Language(
    code="fr",
    direction="ltr",
    words={
        "question": "Où le numéro est-il utilisé aujourd'hui ?",
        "why": "Un numéro ne peut être connecté que si rien d'autre ne l'utilise sur WhatsApp."
        " Choisissez ce qui convient ; chaque réponse dit quoi faire d'abord.",
        "keep": "Le garder dans l'application et continuer",
        "kept": "Le numéro reste dans l'application WhatsApp Business.",
        "other": "Le numéro doit plutôt quitter l'application",
        "said": "Qu'a dit la page de Meta ?",
        "next": "Que faire",
    },
    places={
        "consumer_app": "Dans l'application WhatsApp ordinaire",
        "business_app": "Dans l'application WhatsApp Business",
        "other_provider": "Chez un autre fournisseur de l'API WhatsApp",
        "landline": "Nulle part : c'est une ligne fixe sans WhatsApp",
        "behind_ivr": "Nulle part : un menu vocal ou un standard répond aux appels",
        "nowhere": "Nulle part : c'est un numéro mobile sans WhatsApp",
    },
    ways={
        "delete_account": (
            "Supprimer d'abord le compte dans l'application",
            (
                "Enregistrez ce qu'il vous faut : les discussions et groupes de ce compte sont"
                " perdus.",
                "Dans l'application, ouvrez Paramètres, Compte, Supprimer le compte, et saisissez"
                " le numéro.",
                "Attendez trois minutes : WhatsApp libère le numéro.",
                "Ouvrez ensuite l'inscription de Meta ici.",
            ),
        ),
        "become_business_app": (
            "Ou le passer dans l'application WhatsApp Business et l'y garder",
            (
                "Installez WhatsApp Business sur le même téléphone et transférez-y le numéro : les"
                " discussions suivent.",
                "Utilisez-le là quelques jours, puis revenez et choisissez « Dans l'application"
                " WhatsApp Business ».",
            ),
        ),
        "coexist": (
            "Le garder dans l'application et l'utiliser ici aussi",
            (
                "Mettez l'application à jour (2.24.17 ou plus récente) et gardez le téléphone à"
                " portée de main.",
                "Ouvrez l'inscription de Meta ici et saisissez le numéro ; une discussion de"
                " Facebook apparaît dans l'application.",
                "Touchez-y « Connecter », choisissez si l'historique est partagé, et saisissez le"
                " code dans la fenêtre de Meta.",
                "Continuez d'utiliser l'application ; ouvrez-la au moins toutes les deux semaines,"
                " sinon le lien prend fin.",
            ),
        ),
        "provider_releases": (
            "Faire libérer le numéro par l'ancien fournisseur",
            (
                "Demandez-lui de désenregistrer le numéro et de le supprimer de son compte.",
                "Faites-y désactiver la vérification en deux étapes : sinon son code PIN est"
                " demandé.",
                "Ouvrez ensuite l'inscription de Meta ici.",
            ),
        ),
        "migrate": (
            "Ou le transférer avec son nom et sa qualité",
            (
                "Faites désactiver la vérification en deux étapes chez l'ancien fournisseur.",
                "Ouvrez l'inscription de Meta ici, avec le même portefeuille business, et saisissez"
                " le numéro.",
                "Saisissez le code envoyé par Meta ; le numéro est transféré et garde son nom.",
            ),
        ),
        "hear_a_call": (
            "Recevoir le code par un appel",
            (
                "Vérifiez que les appels de l'étranger arrivent sur la ligne, et restez à côté.",
                "Dans la fenêtre de Meta, choisissez « Appel téléphonique » et notez les six"
                " chiffres.",
            ),
        ),
        "let_calls_through": (
            "Laisser passer l'appel de Meta",
            (
                "Faites désactiver le menu ou le standard pendant une demi-heure, ou diriger tous"
                " les appels vers une personne.",
                "Dans la fenêtre de Meta, choisissez « Appel téléphonique » et notez les six"
                " chiffres.",
                "Réactivez ensuite le menu.",
            ),
        ),
        "ready": (
            "Il peut être connecté tel quel",
            (
                "Gardez le téléphone à portée de main : un code à six chiffres arrive par SMS ou"
                " par appel.",
            ),
        ),
    },
    answers={
        "number_in_use": (
            "Le numéro a encore un compte WhatsApp, dans une application ou chez un autre"
            " fournisseur.",
            "Supprimez ce compte dans l'application, ou faites-le libérer par l'ancien"
            " fournisseur ; puis réessayez ici. Nous attendons les trois minutes dont WhatsApp a"
            " besoin.",
        ),
        "number_releasing": (
            "WhatsApp met jusqu'à trois minutes pour libérer un numéro.",
            "Rien : nous réessayons tout seuls ensuite.",
        ),
        "pin_mismatch": (
            "Le numéro a une vérification en deux étapes dont nous ne connaissons pas le code PIN.",
            "Saisissez ce code PIN sur la page d'inscription ; ou désactivez la vérification dans"
            " le Gestionnaire WhatsApp, sous Numéros de téléphone, ou faites-le faire par l'ancien"
            " fournisseur, et réessayez.",
        ),
        "pin_tries": (
            "Un mauvais code PIN a été essayé trop souvent.",
            "Rien : nous continuons tout seuls. D'ici là, désactivez la vérification en deux étapes"
            " dans le Gestionnaire WhatsApp.",
        ),
        "not_verified": (
            "Le numéro n'a jamais été confirmé par son code à six chiffres, ou il y a trop"
            " longtemps.",
            "Ouvrez encore une fois l'inscription de Meta et saisissez le code envoyé.",
        ),
        "number_already_added": (
            "Le numéro est déjà dans votre compte WhatsApp.",
            "Choisissez-le dans la liste de la fenêtre de Meta au lieu de le saisir.",
        ),
        "number_banned": (
            "WhatsApp a banni ce numéro.",
            "Demandez un réexamen à WhatsApp dans l'application, ou connectez un autre numéro.",
        ),
        "number_not_reachable": (
            "Meta ne peut pas envoyer de code à ce numéro : il n'est pas valide, ou un menu répond"
            " à ses appels.",
            "Vérifiez le numéro et son indicatif ; laissez passer les appels de l'étranger vers une"
            " personne, et choisissez « Appel téléphonique ».",
        ),
        "number_limit_reached": (
            "Votre entreprise a autant de numéros que Meta le permet : deux avant sa vérification.",
            "Retirez un numéro dans le Gestionnaire WhatsApp, ou faites vérifier l'entreprise dans"
            " les paramètres business de Meta.",
        ),
        "name_against_rules": (
            "Meta n'accepte pas ce nom d'affichage.",
            "Donnez le nom de l'entreprise tel que sur son site : ni personne, ni lieu ou mot"
            " général seul, ni adresse de site, ni tout en majuscules.",
        ),
        "too_many_tries": (
            "Trop de mauvais codes ont été saisis.",
            "Attendez douze heures, puis rouvrez l'inscription de Meta.",
        ),
        "too_many_codes": (
            "Trop de codes ont été demandés.",
            "Utilisez le dernier code reçu ; sinon attendez douze heures et rouvrez l'inscription"
            " de Meta.",
        ),
        "register_limit": _TEN,
        "attempts_used_up": _TEN,
        "recently_deleted": (
            "Le numéro vient d'être supprimé.",
            "Rien : nous réessayons tout seuls dans cinq minutes.",
        ),
        "migration_refused": (
            "Meta ne laisse pas transférer le numéro tel quel.",
            "Faites désactiver la vérification en deux étapes et approuver le nom du numéro chez"
            " l'ancien fournisseur, et utilisez le même portefeuille business.",
        ),
        "account_locked": (
            "Meta a restreint ou verrouillé le compte WhatsApp.",
            "Voyez pourquoi dans le Gestionnaire WhatsApp, et faites-y appel.",
        ),
        "payment_method_missing": (
            "Meta ne peut pas facturer votre compte WhatsApp, et ne livre donc rien.",
            "Ajoutez un moyen de paiement dans le Gestionnaire WhatsApp ; nous regardons de nouveau"
            " tout seuls.",
        ),
        "app_not_linked": (
            "Le numéro reste dans l'application WhatsApp Business, qui n'est pas encore liée.",
            "Ouvrez l'application et confirmez le lien dans la discussion de Facebook ; nous"
            " regardons de nouveau tout seuls.",
        ),
        "waiting_for_signup": (
            "Vous devez vous inscrire chez Meta.",
            "Dites d'abord où le numéro est utilisé aujourd'hui, puis ouvrez l'inscription de"
            " Meta.",
        ),
        "signup_cancelled": (
            "La fenêtre de Meta a été fermée avant la fin. Rien n'est perdu.",
            "Rouvrez-la. Si elle a refusé le numéro, choisissez ci-dessous ce qu'elle a dit.",
        ),
        "signup_failed": (
            "La fenêtre de Meta a signalé un problème.",
            "Rouvrez-la. Si elle a refusé le numéro, choisissez ci-dessous ce qu'elle a dit.",
        ),
        "signup_without_number": (
            "L'inscription s'est terminée sans numéro.",
            "Rouvrez-la et donnez-lui le numéro.",
        ),
        "number_not_said": (
            "Vous nous laissez voir plusieurs numéros, et Meta n'a pas dit lequel est le bon.",
            "Choisissez-le sur la page d'inscription, ou rouvrez l'inscription de Meta.",
        ),
        "waba_not_granted": (
            "Le compte WhatsApp choisi ne nous a pas été partagé.",
            "Rouvrez l'inscription de Meta, choisissez le compte et laissez toutes les"
            " autorisations cochées.",
        ),
        "number_not_granted": (
            "Le numéro choisi n'est pas dans le compte qui nous a été partagé.",
            "Rouvrez l'inscription de Meta et choisissez-y le numéro.",
        ),
        "waba_of_another_client": (
            "Ce compte WhatsApp est déjà connecté ici par une autre entreprise.",
            "Choisissez un autre compte, ou faites-le d'abord déconnecter par cette entreprise.",
        ),
        "number_of_another_line": (
            "Ce numéro est déjà connecté ici.",
            "Choisissez un autre numéro, ou faites d'abord déconnecter sa ligne.",
        ),
        "another_account": (
            "C'est un autre compte WhatsApp que celui de votre ligne.",
            "Rouvrez l'inscription de Meta et choisissez le compte du numéro de votre ligne.",
        ),
        "signup_code_expired": (
            "La réponse de Meta nous est arrivée trop tard : elle vaut 30 secondes.",
            "Rouvrez l'inscription de Meta et allez-y d'une traite jusqu'au bout.",
        ),
        "signup_code_used": (
            "La réponse de Meta a déjà été utilisée.",
            "Rouvrez l'inscription de Meta et allez-y d'une traite jusqu'au bout.",
        ),
        "signup_code_wrong": (
            "Meta ne connaît pas la réponse qui nous a été remise.",
            "Rouvrez l'inscription de Meta depuis cette page.",
        ),
        "signup_not_ours": (
            "Une autorisation dont nous avons besoin n'a pas été accordée.",
            "Rouvrez l'inscription de Meta et laissez toutes les autorisations cochées.",
        ),
        "not_connected": (
            "Meta a pris l'enregistrement, mais ne montre pas encore le numéro connecté.",
            "Rien : nous regardons de nouveau tout seuls.",
        ),
    },
    said={
        "number_in_use": "Ce numéro est déjà enregistré avec un compte WhatsApp.",
        "number_already_added": "Ce numéro est déjà dans votre liste.",
        "number_banned": "Ce numéro est banni.",
        "number_not_reachable": "Ce numéro n'est pas valide, ou utilise un serveur vocal.",
        "number_limit_reached": "Votre entreprise a atteint son nombre de numéros.",
        "name_against_rules": "Le nom d'affichage ne respecte pas les règles.",
        "too_many_tries": "Trop d'essais. Réessayez plus tard.",
        "too_many_codes": "Trop de codes ont été demandés.",
    },
)
