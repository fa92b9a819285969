# Yon papye nou li ansanm. Nou pa sere anyen.

which-paper-ask = Gade gwo lèt ki anwo papye ou a. Kisa yo di?
paper-is-hearing-notice = Papye sa a soti nan tribinal imigrasyon an. Li di kilè ak ki kote yon jij ap wè ou. Bwat ki anwo adwat la gen nimewo ou.
    .sms = Tanpri rele nou pou tande sa.
paper-is-notice-to-appear = Papye sa a kòmanse yon ka nan tribinal imigrasyon an. Li di poukisa gouvènman an vle ou ale. Ou ka reponn devan yon jij. Chache yon dat ak yon lè toupre anba premye paj la.
    .sms = Tanpri rele nou pou tande sa.
date-printed-ask = Èske papye a gen yon dat ak yon lè?
paper-no-date = Yon ka ka kontinye menm si papye a pa gen dat. Tribinal la voye dat la nan dènye adrès li genyen. Si ou demenaje, di tribinal la nan 5 jou. Tcheke chak semèn sou liy tribinal la, 1-800-898-7180. Pale ak yon avoka bonè: limit yon ane pou azil ap kouri toujou.
    .voice = Yon ka ka kontinye menm si papye a pa gen dat. Tribinal la voye dat la nan dènye adrès li genyen. Si ou demenaje, di tribinal la nan senk jou. Tcheke chak semèn sou liy tribinal la: en, uit san, uit nèf uit, sèt en uit zewo. Pale ak yon avoka bonè: limit yon ane pou azil ap kouri toujou.
    .sms = Tanpri rele nou pou tande sa.
paper-is-order = Papye sa a ka desizyon yon jij. Dèle yo ka kout anpil. Montre yon avoka li jodi a. Kenbe l, epi kenbe anvlòp li. Ale nan chak dat yo te ba ou.
paper-is-uscis = Papye sa a soti nan USCIS, kote moun fè demann. Yon dèle se sèlman sou papye a, pa sou entènèt. Si li mande yon bagay, montre yon avoka li anvan dat sa a. Kenbe papye a ak anvlòp li.
    .sms = Tanpri rele nou pou tande sa.
paper-is-other = Yon moun ka gade l avè w.
hearing-date-ask = Bay dat odyans lan: mwa, jou, ane. Pou 5 avril 2027: 04052027.
    .sms = Voye dat ki sou papye a: mwa, jou, ane. Pou 5 avril 2027: 04052027.
    .voice = Peze dat odyans lan: de chif pou mwa a, de pou jou a, kat pou ane a.
hearing-time-ask = Bay lè a ak 4 chif, tankou 0830. Si pa genyen, tann.
    .voice = Peze lè a ak kat chif: zewo uit twa zewo se uitè edmi. Si pa genyen, tann.
mailed-printed-ask = Èske papye a oswa anvlòp li montre jou yo te voye l la?
mailed-date-ask = Bay jou sa a: mwa, jou, ane.
    .voice = Peze jou sa a: de chif pou mwa a, de pou jou a, kat pou ane a.
paper-in-days =
    { $days-count ->
        [one] Papye ou a di { $date }. Rete yon jou.
       *[other] Papye ou a di { $date }. Rete { $days } jou.
    }
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
paper-today = Se jodi a. Ale kounye a.
paper-tomorrow = Se demen. Ale, epi ale bonè.
paper-past = Jou ki sou papye ou a, { $date }, pase deja.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
paper-no-time = Nou pa gen lè papye ou a. Rele tribinal la epi mande. Si ou pa ka jwenn li, ale bonè nan maten epi pote papye a.
    .sms = Tanpri rele nou pou tande sa.
paper-duties = Ale nan chak dat tribinal ou genyen. Kenbe papye a ak anvlòp li. Si ou demenaje, di tribinal la nan 5 jou. Dat yo ka chanje: tcheke chak semèn.
    .voice = Ale nan chak dat tribinal ou genyen. Kenbe papye a ak anvlòp li. Si ou demenaje, di tribinal la nan senk jou. Dat yo ka chanje: tcheke chak semèn.
    .sms = Tanpri rele nou pou tande sa.
other-appointment-ask = Èske ou gen yon lòt randevou ak gouvènman an menm jou sa a: prezante devan ajan yo, anprent oswa entèvyou?
paper-next-ask = Kisa ou vle fè kounye a?
paper-soon-ask = Èske ou vle pale ak yon moun kounye a?
paper-past-ask = Èske ou te ale jou sa a?
paper-missed = Rate yon odyans ka mennen yon lòd depòtasyon. Ka gen fason pou mande yon jij gade l ankò. Dèle yo kout. Pale ak yon avoka jodi a. Kenbe papye a ak anvlòp li. Ale nan nenpòt dat ki vini apre.
paper-went = Bon bagay ou te ale. Ka gen yon lòt dat, oswa yon dèle. Kenbe chak papye yo te ba ou la. Pale ak yon avoka sou sa k ap vini.
paper-lawyer-ask = Kisa ou vle fè kounye a?
paper-later = Dat ki sou papye ou a se { $date }. Rete plis pase twa mwa.
    .sms = Nou gen nouvèl pou ou. Rele nou.
