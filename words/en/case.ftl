# One's own case: each fact with its source and its age. `.sms` says nothing of it.

case-agreed = Our sources agree.
case-single = No other source has told us.
case-stale = This may be out of date.
case-disputed = Our sources do not agree.
case-nothing = We have no date for you now. That does not mean that there is none. Keep checking with the court, and keep your address current.
    .sms = You have a message. Call us and have your code.
hearing-is = Your next hearing: { $date }, { $time }.
    .voice = Your next hearing is on { $date }, { $time }.
    .sms = You have a message. Call us and have your code.
hearing-is-day = Your next hearing: { $date }. The time is not known.
    .voice = Your next hearing is on { $date }. The time is not known.
    .sms = You have a message. Call us and have your code.
hearing-one-says = One source says: { $date }, { $time }.
    .sms = You have a message. Call us and have your code.
hearing-one-says-day = One source says: { $date }, without a time.
    .sms = You have a message. Call us and have your code.
hearing-one-says-none = One source shows no hearing.
    .sms = You have a message. Call us and have your code.
hearing-none = We see no next hearing. That does not mean that there is none. Check with the court before you stay home.
    .sms = You have a message. Call us and have your code.
hearing-kind-master = It is a short hearing to plan your case. Go, even if it is short.
hearing-kind-individual = It is the hearing where the judge listens to your case. Bring your papers and your witnesses.
hearing-in-person = You go in person.
hearing-video = It is by video. Your notice says how.
hearing-telephone = It is by telephone. Your notice says how.
hearing-court = The court: { $court }. Check the address on your notice.
    .sms = You have a message. Call us and have your code.
hearing-detained-docket = It is on the list for people in detention. The address is on your notice.
source-notice =
    { $days-count ->
        [0] From your own notice, as you told us today, { $date }.
        [one] From your own notice, as you told us on { $date }, { $days } day ago.
       *[other] From your own notice, as you told us on { $date }, { $days } days ago.
    }
    .sms = You have a message. Call us and have your code.
source-court-line =
    { $days-count ->
        [0] From the court's phone line, as you told us today, { $date }.
        [one] From the court's phone line, as you told us on { $date }, { $days } day ago.
       *[other] From the court's phone line, as you told us on { $date }, { $days } days ago.
    }
    .sms = You have a message. Call us and have your code.
source-court-feed =
    { $days-count ->
        [0] From the court's data of today, { $date }.
        [one] From the court's data of { $date }, { $days } day ago.
       *[other] From the court's data of { $date }, { $days } days ago.
    }
    .sms = You have a message. Call us and have your code.
source-uscis =
    { $days-count ->
        [0] From USCIS, today, { $date }.
        [one] From USCIS, on { $date }, { $days } day ago.
       *[other] From USCIS, on { $date }, { $days } days ago.
    }
    .voice =
    { $days-count ->
        [0] From U S C I S, today, { $date }.
        [one] From U S C I S, on { $date }, { $days } day ago.
       *[other] From U S C I S, on { $date }, { $days } days ago.
    }
    .sms = You have a message. Call us and have your code.
safe-two-dates = Keep both dates. Go on { $first }. Even if nothing happens then, go on { $second } too, unless the court tells you in writing that it is off. Ask for a paper each time.
    .sms = You have a message. Call us and have your code.
safe-one-date = Go on { $date }, at the earliest time you heard. The hearing is off only if the court says so in writing. Ask for a paper.
    .sms = You have a message. Call us and have your code.
safe-ask-first = Do not act on one of them alone. Ask a person of this line, or a lawyer.
    .sms = You have a message. Call us and have your code.
safe-check-court = Check with the court before you plan anything, and go if you cannot reach it.
    .sms = You have a message. Call us and have your code.
custody-detained = The court's record says that you are detained.
    .sms = You have a message. Call us and have your code.
custody-released = The court's record says that you were released.
    .sms = You have a message. Call us and have your code.
custody-never-detained = The court's record says that you were not detained.
    .sms = You have a message. Call us and have your code.
court-language-is = The court's record says that your language is { $language }. If that is wrong, tell us.
    .sms = You have a message. Call us and have your code.
filing-status-is = USCIS says: { $status }. A deadline is only on the paper that they mail.
    .voice = U S C I S says: { $status }. A deadline is only on the paper that they mail.
    .sms = You have a message. Call us and have your code.

receipt-or-number-ask = Enter the 16 digits of your file receipt, or your A-number.
    .voice = Key the sixteen digits of your file receipt, or the digits of your A number.
code-ask = Take your card. Enter the 2 digits of an unused row, then its 8 digits.
    .voice = Take your card. Key the two digits of an unused row, then its eight digits.
word-key-ask = If you chose 4 digits for your file, enter them now. You can try once. If not, wait.
    .voice = If you chose four digits for your file, key them now. You can try once. If not, wait.
not-opened = We could not open a case with that. Please check it and try again. If you have a card and its code is not taken, give the next row in the same call or chat.
    .voice = We could not open a case with that. Please check it and try again. If you have a card and its code is not taken, key the next row in the same call.
not-opened-person = We could not open a case with that. A person can help you.
no-number-ask = Without a receipt or a card we cannot open a case. We can still help you.
official-line = The court's own phone line tells the next hearing: 1-800-898-7180. It is free, at all hours, in English and Spanish. You key your A-number. It can be late or wrong: your papers count.
    .sms = Please call us to hear this.
    .voice = The court's own phone line tells the next hearing: one, eight hundred, eight nine eight, seven one eight zero. Again: one, eight hundred, eight nine eight, seven one eight zero. It is free, at all hours, in English and Spanish. You key your A number. It can be late or wrong: your papers count.
case-next-ask = What would you like now?
decision-removal-order = The record shows an order of removal from { $date }. Talk to a lawyer before you do anything else.
    .sms = We have news for you. Call us.
decision-relief = The record shows that the judge granted relief on { $date }. Show your papers to a lawyer.
    .sms = We have news for you. Call us.
decision-closed = The record shows that a case was closed on { $date }. Keep your papers and ask a lawyer what it means.
    .sms = We have news for you. Call us.
decision-voluntary-departure = The record shows voluntary departure from { $date }. It has a last day. Talk to a lawyer today.
    .sms = We have news for you. Call us.
decision-other = The record shows a decision from { $date }. Ask a lawyer what it means for you.
    .sms = We have news for you. Call us.
