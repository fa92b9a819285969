# Pwòp ka a: chak enfòmasyon ak sous li ak laj li. `.sms` pa di anyen sou li.

case-agreed = Sous nou yo dakò.
case-single = Okenn lòt sous pa di nou sa.
case-stale = Sa ka vye.
case-disputed = Sous nou yo pa dakò.
case-nothing = Nou pa gen okenn dat pou ou kounye a. Sa pa vle di pa genyen. Kontinye mande tribinal la, epi kenbe adrès ou ajou.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
hearing-is = Pwochen odyans ou: { $date }, { $time }.
    .voice = Pwochen odyans ou se { $date }, { $time }.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
hearing-is-day = Pwochen odyans ou: { $date }. Nou pa konnen lè a.
    .voice = Pwochen odyans ou se { $date }. Nou pa konnen lè a.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
hearing-one-says = Yon sous di: { $date }, { $time }.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
hearing-one-says-day = Yon sous di: { $date }, san lè.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
hearing-one-says-none = Yon sous pa montre okenn odyans.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
hearing-none = Nou pa wè yon pwochen odyans. Sa pa vle di pa genyen. Mande tribinal la anvan ou rete lakay ou.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
hearing-kind-master = Se yon odyans kout pou planifye ka ou a. Ale menm si li kout.
hearing-kind-individual = Se odyans kote jij la koute ka ou a. Pote papye ou ak temwen ou.
hearing-in-person = Ou dwe ale an pèsòn.
hearing-video = Se pa videyo. Avi ou a di kijan.
hearing-telephone = Se pa telefòn. Avi ou a di kijan.
hearing-court = Tribinal la: { $court }. Gade adrès ki sou avi ou a.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
hearing-detained-docket = Li sou lis moun ki nan detansyon. Adrès la sou avi ou a.
source-notice =
    { $days-count ->
        [0] Dapre pwòp avi ou a, jan ou di nou jodi a, { $date }.
        [one] Dapre pwòp avi ou a, jan ou di nou { $date }, sa fè yon jou.
       *[other] Dapre pwòp avi ou a, jan ou di nou { $date }, sa fè { $days } jou.
    }
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
source-court-line =
    { $days-count ->
        [0] Dapre liy telefòn tribinal la, jan ou di nou jodi a, { $date }.
        [one] Dapre liy telefòn tribinal la, jan ou di nou { $date }, sa fè yon jou.
       *[other] Dapre liy telefòn tribinal la, jan ou di nou { $date }, sa fè { $days } jou.
    }
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
source-court-feed =
    { $days-count ->
        [0] Dapre enfòmasyon tribinal la jodi a, { $date }.
        [one] Dapre enfòmasyon tribinal la { $date }, sa fè yon jou.
       *[other] Dapre enfòmasyon tribinal la { $date }, sa fè { $days } jou.
    }
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
source-uscis =
    { $days-count ->
        [0] Dapre USCIS, jodi a, { $date }.
        [one] Dapre USCIS, { $date }, sa fè yon jou.
       *[other] Dapre USCIS, { $date }, sa fè { $days } jou.
    }
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
safe-two-dates = Kenbe toude dat yo. Ale { $first }. Menm si anyen pa fèt jou sa a, ale { $second } tou, sof si tribinal la di ou alekri li anile. Mande yon papye chak fwa.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
safe-one-date = Ale { $date }, nan lè ki pi bonè ou te tande a. Odyans la anile sèlman si tribinal la di sa alekri. Mande yon papye.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
safe-ask-first = Pa suiv youn sèlman. Mande yon moun nan liy sa a, oswa yon avoka.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
safe-check-court = Mande tribinal la anvan ou fè plan, epi ale si ou pa ka jwenn li.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
custody-detained = Dosye tribinal la di ou nan detansyon.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
custody-released = Dosye tribinal la di yo te lage ou.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
custody-never-detained = Dosye tribinal la di ou pa t nan detansyon.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
court-language-is = Dosye tribinal la di lang ou se { $language }. Si se pa sa, di nou.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
filing-status-is = USCIS di: { $status }. Yon dèle se sèlman sou papye yo voye pa lapòs la.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.

receipt-or-number-ask = Bay 16 chif resi dosye ou a, oswa nimewo A ou.
    .voice = Peze sèz chif resi dosye ou a, oswa chif nimewo A ou.
code-ask = Pran kat ou a. Bay 2 chif yon ranje ou poko sèvi, epi 8 chif li yo.
    .voice = Pran kat ou a. Peze de chif yon ranje ou poko sèvi, epi uit chif li yo.
word-key-ask = Si ou te chwazi 4 chif pou dosye ou a, bay yo kounye a. Ou ka eseye yon sèl fwa. Si non, tann.
    .voice = Si ou te chwazi kat chif pou dosye ou a, peze yo kounye a. Ou ka eseye yon sèl fwa. Si non, tann.
not-opened = Nou pa t ka louvri yon ka ak sa. Tcheke l epi eseye ankò. Si ou gen yon kat epi yon kòd pa pase, bay ranje ki vin apre a nan menm apèl la oswa menm chat la.
    .voice = Nou pa t ka louvri yon ka ak sa. Tcheke l epi eseye ankò. Si ou gen yon kat epi yon kòd pa pase, peze ranje ki vin apre a nan menm apèl la.
not-opened-person = Nou pa t ka louvri yon ka ak sa. Yon moun ka ede ou.
no-number-ask = San resi ni kat nou pa ka louvri yon ka. Nou ka ede ou kanmenm.
official-line = Liy telefòn tribinal la di pwochen odyans lan: 1-800-898-7180. Li gratis, tout lè, ann angle ak panyòl. Ou peze nimewo A ou. Li ka an reta oswa pa bon: se papye ou yo ki konte.
    .sms = Tanpri rele nou pou tande sa.
    .voice = Liy telefòn tribinal la di pwochen odyans lan: en, uit san, uit nèf uit, sèt en uit zewo. Ankò: en, uit san, uit nèf uit, sèt en uit zewo. Li gratis, tout lè, ann angle ak panyòl. Ou peze nimewo A ou. Li ka an reta oswa pa bon: se papye ou yo ki konte.
case-next-ask = Kisa ou vle fè kounye a?
decision-removal-order = Dosye a montre yon lòd depòtasyon ki soti { $date }. Pale ak yon avoka anvan ou fè lòt bagay.
    .sms = Nou gen nouvèl pou ou. Rele nou.
decision-relief = Dosye a montre jij la te bay yon pwoteksyon { $date }. Montre papye ou yo bay yon avoka.
    .sms = Nou gen nouvèl pou ou. Rele nou.
decision-closed = Dosye a montre yo te fèmen yon ka { $date }. Kenbe papye ou yo epi mande yon avoka sa sa vle di.
    .sms = Nou gen nouvèl pou ou. Rele nou.
decision-voluntary-departure = Dosye a montre yon depa volontè ki soti { $date }. Li gen yon dènye jou. Pale ak yon avoka jodi a.
    .sms = Nou gen nouvèl pou ou. Rele nou.
decision-other = Dosye a montre yon desizyon ki soti { $date }. Mande yon avoka sa sa vle di pou ou.
    .sms = Nou gen nouvèl pou ou. Rele nou.
