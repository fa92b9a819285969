# Paj piblik la ak ankadreman chat la. Kle ki kòmanse ak `web-` se pou ekran sèlman: okenn konvèsasyon pa nonmen yo, okenn
# mesaj ni vwa pa di yo; se sa ki fè yo gen yon sèl fòm.

# Sou chak paj.
web-skip = Ale nan pati prensipal la
web-leave = Kite paj sa a vit
web-languages = Lang
web-first-page = Ale nan premye paj la
web-demo = Yon demonstrasyon sèlman: moun envante, ak tèks pèsonn pa verifye. Pa konte sou li.

# Paj piblik la.
web-call-heading = Rele nou
web-call-language = Ou ka chwazi lang ou nan telefòn.
web-chat-heading = Oswa ekri nou isit la
web-chat-about = Ou peze bouton epi ou li. Se menm èd ak nan telefòn.
web-chat-start = Kòmanse chat la
web-chat-other-language = Chat nan yon lòt lang
web-chat-open = Ou gen yon chat ki louvri.
web-chat-go-on = Kontinye chat mwen an
web-chat-anew = Kòmanse yon nouvo chat
web-who-heading = Kiyès nou ye
web-what-heading = Sa ou ka fè isit la
web-what-case = Wè sa sous nou yo di sou pwòp ka ou, ak sous la epi dat la.
web-what-paper = Li yon papye ansanm avèk nou. Nou pa kenbe anyen ladan l.
web-what-question = Poze yon kesyon epi jwenn yon repons ki verifye.
web-what-legal-help = Jwenn èd legal gratis.
web-what-wrong = Di nou yon enfòmasyon sou ou pa bon.
web-what-person = Mande yon moun rele ou apre, oswa kite yon mesaj.
web-urgent-heading = Ijans
web-safe-heading = Sèvi ak paj sa a san danje
web-safe-others = Lòt moun ki sèvi ak telefòn sa a oswa òdinatè sa a ka wè ou te la. Yon fenèt prive, oswa yon telefòn se ou sèl ki sèvi avè l, pi an sekirite.
web-safe-leave = “Kite paj sa a vit” fini chat la epi louvri yon lòt paj. Bouton Retounen an ak istorik la ka toujou montre paj sa a.
web-safe-kept = Paj sa a pa fè okenn pwogram mache nan navigatè ou, epi li pa chaje anyen ki soti nan lòt konpayi. De cookie li yo ale lè ou fèmen navigatè a.

# Ankadreman chat la.
web-chat-title = Chat
web-said-heading = Sa nou di
web-answer-heading = Repons ou
web-find-language = Chache lang ou
web-send = Voye
web-skip-value = Mwen pa gen sa
web-skip-words = Mwen pa vle ekri
web-always-heading = Nenpòt lè
web-person = Pale ak yon moun
web-urgent = Èd ijan
web-again = Montre sa ankò
web-call-instead = Ou ka rele nou tou: { $phone }
web-no-ringing = Paj sa a pa ka rele yon moun pou ou. Pou pale ak yon moun kounye a, rele { $phone }.
web-month = Mwa
web-day = Jou
web-year = Ane
web-value = Repons ou
web-hint-date = Jan li enprime sou papye ou a.
web-hint-time = Lè ak minit, jan sa ye sou papye ou a.
web-hint-number = Yon nimewo A gen 8 oswa 9 chif.
web-hint-receipt = 16 chif.
web-hint-receipt-or-number = Resi dosye ou a gen 16 chif. Yon nimewo A gen 8 oswa 9.
web-hint-code = 10 chif: 2 pou ranje a, apre sa 8.
web-hint-phone = 10 chif, ak kòd zòn nan.
web-hint-desk = 3 chif.
web-hint-word-key = 4 chif.
web-hint-words = Pa plis pase 1,000 lèt.
web-already-sent = Nou gen sa deja. Men kote nou ye kounye a.
web-over-heading = Chat sa a fini
web-over-about = Ou ka kòmanse yon lòt, oswa rele nou.
web-idle = Yon chat fèmen lè anyen pa vini pandan lontan. Nou pa kenbe anyen nan sa ou ekri, sof si nou te di ou nou sere l.

# Passkeys: a key that a device makes for a case. What the device lists says nothing of it.
web-passkey-use = Louvri ak kle aparèy sa a
web-passkey-offer = Pwochen fwa, louvri ka ou sou aparèy sa a san kat
web-passkey-heading = Louvri ka ou san kat
web-passkey-about = Aparèy sa a ka fè yon kle pou ka ou. Pwochen fwa, dwèt, figi oswa PIN aparèy sa a ap louvri li, san nimewo ak san kòd.
web-passkey-others = Nenpòt moun ki ka debloke aparèy sa a ap kapab louvri ka ou tou. Pa fè sa sou yon telefòn oswa yon òdinatè lòt moun ka debloke.
web-passkey-listed = Aparèy la mete kle a nan lis li ak adrès paj sa a, epi li pa di anyen ankò sou li:
web-passkey-make = Fè yon kle sou aparèy sa a
web-passkey-code = Yon lòt kòd sou kat ou, pou nou konnen kat la nan men ou:
web-passkey-keep = Kenbe kle a
web-passkey-kept = Li anrejistre. Pwochen fwa, kote nou mande nimewo ou, peze “Louvri ak kle aparèy sa a”. Yon nouvo kat oswa “bliye mwen” fini ak kle sa a.
web-passkey-refused = Sa pa koresponn. Nou pa kenbe anyen. Eseye yon lòt kòd sou kat ou.
web-passkey-full = Twa aparèy louvri ka sa a deja. Nou pa kenbe anyen.
web-passkey-person = Nou pa t kapab kenbe kle a. Yon moun ka ede ou. Si aparèy la toujou montre li, li pa louvri anyen.
web-passkey-unclear = Nou bezwen 10 chif: 2 pou ranje a, apre sa 8. Nou poko kenbe anyen.
web-passkey-trouble = Aparèy la pa bay okenn kle. Eseye ankò.
web-passkey-scripts = Etap sa a bezwen pwogram navigatè sa a pa fè mache. Ou ka kontinye ak kat ou.

# Lè yon bagay pa mache.
web-error-heading = Sa pa mache
web-error-not-found = Pa gen paj konsa isit la.
web-error-method = Ou pa ka sèvi ak paj la konsa.
web-error-refused = Pou pwoteje ou, nou pa pran sa. Paj la ka twò ansyen, oswa navigatè ou ka bloke cookie. Louvri premye paj la epi eseye ankò.
web-error-too-large = Li te twò long. Tounen dèyè epi ekri mwens.
web-error-unreadable = Nou pa t ka li sa. Tounen dèyè epi eseye ankò.
web-error-busy = Twòp moun ap ekri nou kounye a. Eseye ankò nan kèk minit, oswa rele nou.
web-back-to-chat = Tounen nan chat mwen an

# Sou yon paj, nan plas kle ki vin apre `web-says-`: gen kare ak bouton nan plas touch ak tann.
web-says-hearing-date-ask = Ki dat odyans lan ye?
web-says-hearing-time-ask = A kilè odyans lan ye?
web-says-mailed-date-ask = Ki jou li ye?
web-says-word-key-ask = Si ou te chwazi 4 chif pou dosye ou a, ekri yo isit la. Ou ka eseye yon sèl fwa.
web-says-language-ask = Chwazi yon lang.
web-says-goodbye = Mèsi paske ou ekri. Orevwa.
