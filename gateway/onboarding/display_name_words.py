"""Words by which a display name is judged; all in lower case and without accents."""

from typing import Final


def _all(words: str) -> frozenset[str]:
    return frozenset(words.split())


TRADES: Final = _all(
    "recruitment recruiting recrutement hiring jobs emploi emplois carrieres careers التوظيف توظيف"
)
"""Words that say already that somebody recruits."""

GENERIC: Final = TRADES | _all(
    "job work career talent talents hr rh interim staffing headhunting human resources"
    " ressources humaines agency agence cabinet company companies societe entreprise"
    " enterprise group groupe business service services support customer client clients"
    " contact info team equipe office bureau consulting conseil solutions international"
    " national global online shop store official sarl sa sas llc ltd inc the and of for le la"
    " les de du des et pour شركة مجموعة خدمات وكالة مكتب"
)
"""Words that name no business by themselves."""

BUSINESSES: Final = _all(
    "logistics logistique transport transports textile textiles hotel hotels bank banque"
    " industries industrie industry tech technologies technology digital software systems food"
    " foods foodtech construction batiment immobilier travaux auto automotive motors energy"
    " energie solar pharma sante health clinic clinique school ecole academy academie"
    " university restaurant cafe bakery trading import export media studio design security"
    " securite cleaning nettoyage assurance insurance finance capital invest holding partners"
    " associes freres fils sons brothers maroc morocco africa telecom mining agri coiffure"
    " beauty mode fashion للنقل للتجارة لوجستيك"
)
"""Words that a person's name does not hold."""

LEGAL_FORMS: Final = _all("sarl sa sas sasu snc eurl gie llc ltd inc gmbh plc corp")
PLACES: Final = _all(
    "morocco maroc casablanca rabat marrakech marrakesh fes fez tanger tangier agadir meknes"
    " oujda kenitra tetouan sale temara safi mohammedia nador laayoune dakhla essaouira france"
    " paris lyon marseille spain espagne madrid barcelona algeria algerie alger tunisia"
    " tunisie tunis egypt egypte cairo senegal dakar africa afrique europe maghreb المغرب"
    " الرباط مراكش فاس طنجة اكادير"
)
PLATFORMS: Final = ("whatsapp", "watsapp", "whatsap", "facebook", "instagram")
FIRST_NAMES: Final = _all(
    "mohamed mohammed muhammad ahmed ali omar youssef yousef hassan hussein said rachid karim"
    " khalid mustapha mustafa abdellah abdelkader driss hamza amine anas ayoub mehdi yassine"
    " younes zakaria bilal ismail ibrahim othmane reda tarik nabil hicham jamal fatima fatiha"
    " khadija aicha amina meryem maryam sara sarah salma imane nadia naima hanane houda ilham"
    " karima laila leila latifa malika najat rajae sanaa siham soukaina zineb zahra jean"
    " pierre michel philippe nicolas laurent julien thomas antoine marie sophie nathalie"
    " isabelle camille julie claire john james robert michael william david richard mary"
    " jennifer linda elizabeth susan jessica maria jose محمد احمد علي عمر يوسف حسن فاطمة خديجة"
    " مريم سارة ليلى"
)
TITLES: Final = _all("mr mrs ms miss dr m mme mlle monsieur madame")
