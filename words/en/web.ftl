# The public page and the frame of the chat. Keys that start with `web-` are for the screen only: no flow names them, no
# text message and no voice says them, so they have one form. What a key of another file says is taken from there.

# On every page.
web-skip = Skip to the main part
web-leave = Leave this page fast
web-languages = Languages
web-first-page = To the first page
web-demo = Only a demonstration: made-up people, and texts that nobody has checked. Do not rely on it.

# The public page.
web-call-heading = Call us
web-call-language = You can choose your language on the phone.
web-chat-heading = Or write to us here
web-chat-about = You press buttons and read. You get the same help as on the phone.
web-chat-start = Start the chat
web-chat-other-language = Chat in another language
web-chat-open = You have an open chat.
web-chat-go-on = Go on with my chat
web-chat-anew = Start a new chat
web-who-heading = Who we are
web-what-heading = What you can do here
web-what-case = Hear what our sources say about your own case, with the source and the date.
web-what-paper = Read a paper together with us. We keep nothing of it.
web-what-question = Ask a question and get a checked answer.
web-what-legal-help = Find free legal help.
web-what-wrong = Tell us that a record about you is wrong.
web-what-person = Ask a person to call you back, or leave a message.
web-urgent-heading = Urgent
web-safe-heading = Use this page safely
web-safe-others = Other people who use this phone or computer may see that you were here. A private window, or a phone that only you use, is safer.
web-safe-leave = “Leave this page fast” ends the chat and opens another page. The Back button and the history may still show this one.
web-safe-kept = This page runs no scripts and loads nothing from other companies. Its two cookies go when you close the browser.

# The frame of the chat.
web-chat-title = Chat
web-said-heading = What we say
web-answer-heading = Your answer
web-find-language = Look for your language
web-send = Send
web-skip-value = I do not have this
web-skip-words = I do not want to write
web-always-heading = At any time
web-person = Talk to a person
web-urgent = Urgent help
web-again = Show this again
web-call-instead = You can also call us: { $phone }
web-no-ringing = This page cannot ring a person for you. To talk to a person now, call { $phone }.
web-month = Month
web-day = Day
web-year = Year
web-value = Your answer
web-hint-date = As it is printed on your paper.
web-hint-time = Hour and minutes, as on your paper.
web-hint-number = An A-number has 8 or 9 digits.
web-hint-receipt = 16 digits.
web-hint-receipt-or-number = A file receipt has 16 digits. An A-number has 8 or 9.
web-hint-code = 10 digits: 2 of the row, then 8.
web-hint-phone = 10 digits, with the area code.
web-hint-desk = 3 digits.
web-hint-word-key = 4 digits.
web-hint-words = No more than 1,000 letters.
web-already-sent = We have that already. Here is where we are now.
web-over-heading = This chat is over
web-over-about = You can start a new one, or call us.
web-idle = A chat closes when nothing comes for a long time. We keep nothing of what you wrote, unless we said that we saved it.

# Passkeys: a key that a device makes for a case. What the device lists says nothing of it.
web-passkey-use = Open with the key of this device
web-passkey-offer = Open your case on this device without a card next time
web-passkey-heading = Open your case without a card
web-passkey-about = This device can make a key for your case. Next time the finger, face or PIN of this device opens it, without number and code.
web-passkey-others = Everybody who can unlock this device can then open your case too. Do not do this on a phone or computer that other people can unlock.
web-passkey-listed = The device lists the key under the address of this page, and says nothing more about it:
web-passkey-make = Make a key on this device
web-passkey-code = One more code from your card, so that we know that the card is with you:
web-passkey-keep = Keep the key
web-passkey-kept = Saved. Next time, where we ask for your number, press “Open with the key of this device”. A new card or “forget me” ends this key.
web-passkey-refused = That did not fit. Nothing was kept. Try another code from your card.
web-passkey-full = Three devices open this case already. Nothing was kept.
web-passkey-person = We could not keep the key. A person can help you. If the device still lists it, it opens nothing.
web-passkey-unclear = We need 10 digits: 2 of the row, then 8. Nothing was kept yet.
web-passkey-trouble = The device gave no key. Try again.
web-passkey-scripts = This one step needs scripts, which this browser does not run. You can go on with your card.

# When something does not work.
web-error-heading = That did not work
web-error-not-found = There is no such page here.
web-error-method = A page cannot be used in this way.
web-error-refused = To keep you safe we did not take that. The page may be old, or your browser may block cookies. Open the first page and try again.
web-error-too-large = That was too long. Go back and write less.
web-error-unreadable = We could not read that. Go back and try again.
web-error-busy = Too many people write to us now. Try again in a few minutes, or call us.
web-back-to-chat = Back to my chat

# On a page, instead of the key behind `web-says-`: fields and buttons stand for keys and waiting.
web-says-hearing-date-ask = What is the date of the hearing?
web-says-hearing-time-ask = What is the time of the hearing?
web-says-mailed-date-ask = Which day is it?
web-says-word-key-ask = If you chose 4 digits for your file, write them here. You can try once.
web-says-language-ask = Choose a language.
web-says-goodbye = Thank you for writing. Goodbye.
