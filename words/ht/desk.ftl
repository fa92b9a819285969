# Kiyès ki te louvri ka a, ak kiyès nan biwo a ou kite gade l.

case-more-ask = Plis sou ka ou a.
case-closed = Ka sa a fèmen kounye a. Kounye a, bay lòt nimewo a, ak pwòp kòd pa l.
openings-intro = Men jou ka ou a te louvri, sa ki pi resan an anvan.
openings-none = Nou pa gen okenn jou ka ou a te louvri.
opened-on = { $date }:
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
opened-by-line = isit la, ak kòd ou oswa resi ou.
opened-by-representative = isit la, ak kat reprezantan ou an.
opened-by-navigator = yon moun nan biwo nou an ki ede, ki pa avoka.
opened-by-accredited = yon reprezantan akredite nan biwo nou an.
opened-by-attorney = yon avoka nan biwo nou an.
opened-by-staff = yon lòt moun nan pèsonèl nou an.
openings-earlier =
    { $count-count ->
        [one] Ak yon lòt jou anvan.
       *[other] Ak { $count } lòt jou anvan.
    }
openings-not-you = Èske gen youn ki pa t ou? Yon moun ka ede ou jwenn yon lòt kat.
ticket-ask = Yon moun nan biwo nou an ka gade ka ou a pou ou. Li di ou twa chif biwo pa l. Kisa ou vle fè?
desk-ask = Bay 3 chif biwo a.
    .voice = Peze twa chif biwo a.
read-back-desk = Biwo { $digits } ak ranplasan li ka louvri ka ou a, jiska { $date }.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
no-such-desk-ask = Nou pa gen biwo sa a. Nou pa sere anyen. Mande moun nan chif yo ankò.
ticket-left = Nou sere l. Biwo { $digits } ka louvri ka ou a yon fwa, jiska { $date }.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
ticket-deputy = Ranplasan an, biwo { $digits }, ka fè l tou.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
ticket-take-back = Ou ka retire pèmisyon sa a isit la nenpòt lè.
tickets-withdrawn = Pèsonn nan biwo a pa ka louvri ka ou a kounye a.
end-authority-ask = Okenn kat reprezantan p ap louvri ka ou a. Pou kite l antre ankò, vini nan biwo nou an. Èske nou fè l?
authorities-ended = Okenn kat reprezantan pa louvri ka ou a kounye a.
