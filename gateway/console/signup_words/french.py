"""The sign-up page in French."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "title": "Connectez votre numéro WhatsApp",
    "lead": "Cela prend environ cinq minutes. Gardez à portée de main le téléphone de ce numéro et"
    " le compte Facebook qui gère votre entreprise.",
    "yours": "Le numéro, son compte et son nom restent à vous. Vous pouvez les reprendre à tout"
    " moment.",
    "language": "Langue de cette page",
    "window": "Répondez ensuite à Meta",
    "window_why": "WhatsApp appartient à Meta : une fenêtre de Meta s'ouvre donc au-dessus de cette"
    " page. Elle demande quatre choses :",
    "log_in": "Vous connecter",
    "log_in_how": "Avec le compte Facebook qui gère votre entreprise.",
    "portfolio": "Choisir votre portefeuille business",
    "portfolio_how": "C'est le dossier de votre entreprise chez Meta. Prenez celui que vous avez,"
    " ou créez-en un. Nous remplissons ce que nous savons du nom et de l'adresse.",
    "number": "Saisir le numéro",
    "number_how": "Avec son indicatif, et le nom que les candidats verront : celui de l'entreprise,"
    " jamais celui d'une personne.",
    "code": "Saisir le code à six chiffres",
    "code_how": "Il arrive sur le numéro par SMS ou par appel.",
    "open": "Ouvrir l'inscription de Meta",
    "loading": "Chargement du script de Meta…",
    "working": "Continuez dans la fenêtre de Meta. Laissez cette page ouverte jusqu'à la fin.",
    "checking": "La fenêtre de Meta a terminé. Nous demandons à Meta ce que vous avez accordé ;"
    " cela prend quelques secondes.",
    "no_sdk": "Le script de Meta ne s'est pas chargé. Un bloqueur de publicités ou de traceurs"
    " l'arrête peut-être : autorisez connect.facebook.net pour cette page, puis rechargez-la.",
    "blocked": "Votre navigateur a bloqué la fenêtre. Autorisez les fenêtres pop-up pour cette page"
    " (le signe à côté de l'adresse), puis appuyez de nouveau sur le bouton.",
    "closed": "La fenêtre a été fermée avant la fin. Rien n'est perdu : appuyez de nouveau sur le"
    " bouton.",
    "not_sent": "Nous n'étions pas joignables, et le code de Meta a expiré entre-temps. Appuyez de"
    " nouveau sur le bouton.",
    "no_script": "Cette page a besoin de JavaScript : c'est lui qui ouvre la fenêtre de Meta.",
    "not_connected": "Pas encore connecté",
    "left_at": "La fenêtre a été quittée à cette étape :",
    "left.BUSINESS_ACCOUNT_SELECTION": "choix du portefeuille business",
    "left.WABA_PHONE_PROFILE_PICKER": "choix du compte WhatsApp",
    "left.WHATSAPP_BUSINESS_PROFILE_SETUP": "description de l'entreprise",
    "left.PHONE_NUMBER_SETUP": "saisie du numéro",
    "left.PHONE_NUMBER_VERIFICATION": "saisie du code à six chiffres",
    "left.PERMISSIONS": "octroi des autorisations",
    "in_app": "Est-il dans l'application WhatsApp Business ? Alors il peut y rester.",
    "choose": "Quel numéro doit devenir votre ligne ?",
    "choose_why": "Vous nous en laissez voir plusieurs. Nous utilisons celui que vous choisissez,"
    " et aucun autre.",
    "choose_button": "Utiliser ce numéro",
    "choose_none": "Choisissez l'un des numéros.",
    "account_of": "Compte WhatsApp",
    "connected": "Votre numéro est connecté",
    "connected_how": "Il est en cours de mise en service. Vous pouvez fermer cette page : la mise"
    " en service continue toute seule.",
    "your_turn": "Il vous reste une chose à faire. Ensuite la mise en service continue toute"
    " seule.",
    "manager": "Ouvrir le Gestionnaire WhatsApp",
    "active": "Votre ligne est active",
    "active_how": "On peut écrire aux candidats depuis ce numéro. Vous pouvez fermer cette page.",
    "renew": "L'autorisation de Meta prend bientôt fin, ou a pris fin. Ouvrez encore une fois"
    " l'inscription de Meta pour la renouveler.",
    "name_waits": "Meta examine ce nom. Jusqu'à son approbation, les candidats voient le numéro à"
    " sa place ; vous n'avez rien à faire.",
    "name_refused": "Meta n'a pas approuvé ce nom : les candidats voient le numéro à sa place."
    " Dites à la personne qui vous a donné cette adresse quel nom proposer ensuite.",
    "stopped": "La mise en service s'est arrêtée",
    "stopped_how": "Rien n'est perdu : une fois fait ce qui est dit ci-dessous, elle reprend où"
    " elle s'est arrêtée.",
    "again": "Réessayer",
    "pin": "Saisissez le code PIN du numéro",
    "pin_why": "Ce sont les six chiffres que quelqu'un a choisis pour la vérification en deux"
    " étapes quand le numéro a été enregistré ailleurs ; ce n'est pas le code du SMS. Nous les"
    " remettons à Meta, les gardons chiffrés et ne les montrons à personne.",
    "pin_label": "Code PIN, 6 chiffres",
    "pin_left": "Essais que Meta accepte encore en 72 heures :",
    "pin_wrong": "Un code PIN a exactement six chiffres.",
    "pin_refused": "Meta n'a pas accepté ce code PIN.",
    "pin_button": "Continuer avec ce code PIN",
    "pin_unknown": "Personne ne connaît le code PIN ? Désactivez la vérification en deux étapes",
    "pin_off_1": "Ouvrez le Gestionnaire WhatsApp sur business.facebook.com et choisissez Numéros"
    " de téléphone.",
    "pin_off_2": "Ouvrez les paramètres du numéro, puis Vérification en deux étapes, et appuyez sur"
    " Désactiver la vérification en deux étapes.",
    "pin_off_3": "Meta écrit à l'adresse e-mail de votre portefeuille business : confirmez par le"
    " lien de ce message. Chez un autre fournisseur, demandez-lui de le faire.",
    "pin_off_4": "Revenez ici.",
    "pin_off_button": "C'est désactivé : continuer",
    "step.signup": "Connecter votre numéro chez Meta",
    "step.subscribe": "Recevoir les messages du numéro",
    "step.register": "Enregistrer le numéro auprès de WhatsApp",
    "step.payment": "Vérifier votre moyen de paiement chez Meta",
    "step.brand": "Vérifier le nom et le profil de la ligne",
    "step.introduce": "Préparer le premier message aux candidats",
    "state.pending": "Pas commencé",
    "state.running": "En cours",
    "state.waiting": "En attente",
    "state.done": "Fait",
    "state.failed": "Arrêté",
    "state.undone": "Annulé",
    "state.undo_failed": "Pas encore annulé ; nous continuons d'essayer",
    "who.gateway": "Personne n'a rien à faire : nous réessayons tout seuls.",
    "who.client": "C'est à vous d'agir.",
    "who.supplier": "C'est au vendeur du numéro d'agir. Vous n'avez rien à faire.",
    "who.meta": "C'est à Meta d'agir. Vous n'avez rien à faire.",
    "who.operator": "C'est à la personne qui vous a donné cette adresse d'agir. Vous n'avez rien à"
    " faire.",
    "other_problem": "Quelque chose n'a pas marché.",
    "quote": "Si cela dure, transmettez ceci à la personne qui vous a donné cette adresse, ou à"
    " l'assistance de Meta :",
    "gone": "Cette page n'existe pas",
    "gone_how": "Cette adresse n'est plus valable, ou n'a pas été copiée en entier. Demandez-en une"
    " nouvelle à la personne qui vous l'a donnée.",
    "closed_page": "Rien à faire ici",
    "closed_page_how": "Personne n'a besoin de s'inscrire pour cette ligne maintenant.",
    "not_set_up": "Pas encore en place",
    "not_set_up_how": "La personne qui vous a donné cette adresse doit d'abord mettre l'inscription"
    " en place.",
}
