# Di bay anplwaye ki reponn lan, nan lang pa li. Pa gen okenn enfòmasyon sou moun ki rele a.

agent-offer = Liy èd. Yon moun ki pale { $language } ap rele. { $need }.
agent-accept-ask = Peze 1 pou pran apèl la.
    .voice = Peze en pou pran apèl la.
agent-connected = Nou konekte.
agent-interpreter-here = Entèprèt la sou liy lan.
agent-interpreter-coming = N ap rele yon entèprèt. Tanpri tann.
agent-interpreter-none = Pa gen entèprèt ki ka vini kounye a. Ou ka kontinye san entèprèt.
# Di bay entèprèt ki reponn lan, pandan n ap rele yon anplwaye.
interpreter-asked = Liy èd. Yon moun ki pale { $language } bezwen yon entèprèt. Tanpri tann anplwaye nou yo.
agent-message-code-ask = Bay kòd anplwaye ou a.
    .voice = Peze kòd anplwaye ou a.
agent-message-none = Pa gen mesaj.
agent-message-next =
    { $days-count ->
        [0] Pwochen mesaj la se jodi a.
        [one] Pwochen mesaj la gen yon jou.
       *[other] Pwochen mesaj la gen { $days } jou.
    }
agent-message-after-ask = Èske nou fini ak mesaj la?
choose-message-done = Fini
choose-message-again = Yon lòt fwa
agent-message-kept = Mesaj la rete.
agent-message-gone = Mesaj la ap efase.

need-person = Li vle pale ak yon moun
need-interpreter = Li bezwen yon entèprèt
need-callback = Li mande pou yo rele l
need-message = Li kite yon mesaj
need-urgent = Ijans
need-danger-now = Ijans: li an danje kounye a
need-officers-here = Ijans: gen ajan la kounye a
need-someone-detained = Ijans: yo fèk arete yon moun
need-hearing-soon = Ijans: tribinal oswa randevou kontwòl, jodi a oswa demen
need-callback-urgent = Li mande pou yo rele l. Ijans
need-callback-danger-now = Li mande pou yo rele l. Ijans: li an danje
need-callback-officers-here = Li mande pou yo rele l. Ijans: ajan te vini
need-callback-someone-detained = Li mande pou yo rele l. Ijans: yo arete yon moun
need-callback-hearing-soon = Li mande pou yo rele l. Ijans: tribinal oswa randevou kontwòl, menm jou a oswa nan demen
need-from-custody = Ijans: l ap rele depi nan detansyon, yo ka anrejistre telefòn lan
