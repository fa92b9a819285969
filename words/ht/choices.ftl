# Non chwa yo: `choose-<id>`. Sou yon paj se bouton; nan vwa yo vini anvan "peze".

choose-yes = Wi
choose-no = Non
choose-not-sure = Mwen pa sèten
choose-repeat = Yon lòt fwa
choose-agent = Yon moun
choose-goodbye = Orevwa
choose-something-else = Yon lòt bagay
choose-none-of-these = Okenn nan sa yo

# Premye kesyon an ak dezyèm paj li.
choose-paper = Li papye m avè m
choose-my-case = Pwòp ka pa m
choose-question = Yon kesyon
choose-legal-help = Èd legal gratis
choose-more-choices = Plis chwa
choose-report-wrong-record = Yon enfòmasyon pa bon
choose-report-outcome = Nouvèl rapò mwen
choose-message = Kite yon mesaj
choose-callback = Rele m apre
choose-forget-me = Bliye m
choose-remind = Yon rapèl

# Apre nou di yon ka.
choose-who-opened = Kiyès ki te louvri ka m
choose-ticket = Kite yon moun gade ka m
choose-another-case = Yon lòt nimewo nan fanmi m
choose-let-look = Kite l gade
choose-take-back = Retire pèmisyon an
choose-end-authority = Sispann kat reprezantan mwen an
choose-back = Tounen

# Yon papye.
choose-hearing-notice = Notice of Hearing, avi odyans
    .voice = Avi odyans; ann angle, Notice of Hearing
choose-notice-to-appear = Notice to Appear, avi pou konparèt
    .voice = Avi pou konparèt; ann angle, Notice to Appear
choose-judge-order = Lòd oswa desizyon yon jij
choose-uscis-paper = Notice of Action, ki soti nan USCIS
    .sms = Notice of Action
choose-other-paper = Yon lòt papye
choose-missed-it = Mwen pa t ale
choose-went = Mwen te ale
choose-open-file = Louvri yon dosye ak dat sa a

# San nimewo.
choose-official-line = Liy telefòn tribinal la
    .sms = Liy telefòn ofisyèl la

# Ijans.
choose-danger-now = Mwen an danje kounye a
choose-officers-here = Gen ajan isit la
choose-someone-detained = Yo fèk arete yon moun
choose-hearing-soon = Tribinal oswa randevou kontwòl, jodi a oswa demen
    .sms = Yon dat jodi a oswa demen
choose-try-again = Eseye ankò kounye a
choose-repeat-rights = Tande dwa mwen ankò

# Yon nimewo pou rele.
choose-this-number = Nimewo sa a
choose-other-number = Yon lòt nimewo

# Kisa ki pa bon.
choose-wrong-date = Dat la
choose-wrong-place = Kote a
choose-wrong-language = Lang lan
choose-not-mine = Enfòmasyon sa yo pa pou mwen
choose-something-else-wrong = Yon lòt bagay

# Èd legal.
choose-own-case = Pwòp ka pa m
choose-in-detention = Yon moun ki nan detansyon
choose-crime-victim = Yon moun fè m mal oswa twonpe m

# Kesyon.
choose-moved-court = Mwen demenaje: di tribinal la
    .sms = Mwen demenaje: papye mwen
choose-missed-hearing = Mwen rate yon odyans
choose-afraid-to-go-to-court = Mwen pè ale nan tribinal
    .sms = Mwen pè ale
choose-is-it-really-you = Èske se nou menm vre?
choose-more-questions = Plis kesyon
choose-moved-uscis = Mwen demenaje: di USCIS
    .sms = Mwen demenaje: demann mwen
choose-moved-ice = Mwen demenaje: di ICE
choose-appeal = Kijan pou fè apèl
choose-asylum-year = Limit yon ane pou azil
choose-delay = Demann mwen an pran twòp tan
choose-court-record = Kopi dosye mwen nan tribinal
    .sms = Kopi dosye mwen
choose-receipt-not-arrived = Resi mwen pa rive
choose-court-how-long = Konbyen tan tribinal la pran
    .sms = Konbyen tan sa pran
choose-other-question = Yon lòt kesyon
choose-another-question = Yon lòt kesyon
