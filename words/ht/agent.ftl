# Di bay anplwaye ki reponn lan, nan lang pa li. Pa gen okenn enfòmasyon sou moun ki rele a.

agent-offer = Liy èd. Yon moun ki pale { $language } ap rele. { $need }.
agent-accept-ask = Peze 1 pou pran apèl la.
    .voice = Peze en pou pran apèl la.
agent-connected = Nou konekte.
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
need-from-custody = Ijans: l ap rele depi nan detansyon, yo ka anrejistre telefòn lan
