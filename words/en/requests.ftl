# Files, reports, reminders, forgetting.

open-file-ask = We can keep this date for you, so that you can hear it again. We keep the date and the time, no name, for about 90 days. You get a receipt of 16 digits: have a pen ready. Shall we open a file?
    .sms = We can keep this date for you, without a name. Shall we?
    .voice = We can keep this date for you, so that you can hear it again. We keep the date and the time, no name, for about ninety days. You get a receipt of sixteen digits: have a pen ready. Shall we open a file?
word-key-wanted-ask = Do you want to lock the file with 4 digits that only you know?
    .voice = Do you want to lock the file with four digits that only you know?
word-key-new-ask = Enter 4 digits that you will remember.
    .voice = Key four digits that you will remember.
file-receipt-is = Your file receipt: { $digits }.
    .voice = Your file receipt is: { $digits }.
    .sms = You have a message. Call us and have your code.
file-receipt-once = We say it only now. Keep it safe.
file-next-ask = Your file is open. What would you like now?
file-not-here = This line opens no files. Nothing was kept.
what-is-wrong-ask = What is wrong?
report-needs-case = To report a wrong record, we open your case first.
report-not-mine = It may belong to another person. Do not act on it. Talk to a lawyer before you tell anyone else. Go to the dates on your own papers.
report-code-is = Your report code: { $digits }.
    .voice = Your report code is: { $digits }.
    .sms = You have a message. Call us and have your code.
report-taken = A person of this line reads your report. We send nothing to any agency. We tell you what you can do. Call us with your code to hear the news.
report-code-ask = Enter the 16 digits of your report code.
    .voice = Key the sixteen digits of your report code.
report-state-taken = Your report of { $taken } is saved. Nobody has read it yet.
    .sms = You have a message. Call us and have your code.
report-state-in-hand = A person works on your report of { $taken }, since { $since }.
    .sms = You have a message. Call us and have your code.
report-state-answered = Your report of { $taken } has an answer since { $since }. A person can tell you what to do next.
    .sms = You have a message. Call us and have your code.
report-state-corrected = The record that you reported on { $taken } was found corrected on { $since }. Keep your papers.
    .sms = You have a message. Call us and have your code.
report-state-closed = Your report of { $taken } was closed on { $since } without a correction. A person can tell you why.
    .sms = You have a message. Call us and have your code.
remind-ask = We can send you a message before the date. It says nothing about you. We keep the number until it is sent. Which number?
remind-phone-ask = Enter the phone number for the message, with 10 digits.
    .voice = Key the phone number for the message, with ten digits.
remind-set = Saved. The message says only that you have a message.
remind-not-set = We could not save that. No message will come. We are sorry.
forget-receipt-ask = To forget your file, enter its 16 digits, or your A-number.
    .voice = To forget your file, key its sixteen digits, or the digits of your A number.
forget-ask = We destroy what we keep about your case, now and for good. The court's own records stay. Shall we?
    .sms = We destroy what we keep about you, now and for good. Shall we?
forget-nothing-kept = Without a receipt or a card we cannot find anything about you. We keep no names. A person can help you.
forgotten-file =
    { $count-count ->
        [one] Destroyed: { $count } file.
       *[other] Destroyed: { $count } files.
    }
forgotten-case =
    { $count-count ->
        [one] Destroyed: { $count } case record.
       *[other] Destroyed: { $count } case records.
    }
forgotten-card =
    { $count-count ->
        [one] Destroyed: { $count } card.
       *[other] Destroyed: { $count } cards.
    }
forgotten-ticket =
    { $count-count ->
        [one] Destroyed: { $count } permission for a desk.
       *[other] Destroyed: { $count } permissions for desks.
    }
forgotten-passkey =
    { $count-count ->
        [one] Destroyed: { $count } key of a device.
       *[other] Destroyed: { $count } keys of devices.
    }
forgotten-reminder =
    { $count-count ->
        [one] Destroyed: { $count } reminder.
       *[other] Destroyed: { $count } reminders.
    }
forgotten-report =
    { $count-count ->
        [one] Destroyed: { $count } report.
       *[other] Destroyed: { $count } reports.
    }
forgotten-nothing-left = Nothing about you is left here, and nobody at the desk can open it.
