# A paper read together. Nothing is kept.

which-paper-ask = Look at the big letters at the top of your paper. What do they say?
paper-is-hearing-notice = This paper comes from the immigration court. It says when and where a judge sees you. The box at the upper right has your number.
    .sms = Please call us to hear this.
paper-is-notice-to-appear = This paper starts a case in immigration court. It says why the government wants you to leave. You may answer it before a judge. Look near the bottom of the first page for a date and a time.
    .sms = Please call us to hear this.
date-printed-ask = Does the paper have a date and a time?
paper-no-date = A case can go on even if the paper has no date. The court mails the date to the last address it has. If you move, tell the court within 5 days. Check every week on the court's phone line, 1-800-898-7180. Talk to a lawyer early: the one-year limit for asylum keeps running.
    .voice = A case can go on even if the paper has no date. The court mails the date to the last address it has. If you move, tell the court within five days. Check every week on the court's phone line: one, eight hundred, eight nine eight, seven one eight zero. Talk to a lawyer early: the one-year limit for asylum keeps running.
    .sms = Please call us to hear this.
paper-is-order = This paper may be a judge's decision. Time limits can be very short. Show it to a lawyer today. Keep it, and keep its envelope. Go to every date that you were given.
paper-is-uscis = This paper comes from USCIS, where people apply. A deadline is only on the paper, not in the online status. If it asks for something, show it to a lawyer before that date. Keep the paper and its envelope.
    .voice = This paper comes from U S C I S, where people apply. A deadline is only on the paper, not in the online status. If it asks for something, show it to a lawyer before that date. Keep the paper and its envelope.
    .sms = Please call us to hear this.
paper-is-other = A person can look at it with you.
hearing-date-ask = Enter the date of the hearing: month, day, year. For April 5, 2027: 04052027.
    .sms = Send the date on the paper: month, day, year. For April 5, 2027: 04052027.
    .voice = Key the date of the hearing: two digits for the month, two for the day, four for the year.
hearing-time-ask = Enter the time with 4 digits, as 0830. If there is none, wait.
    .voice = Key the time with four digits: zero eight three zero is half past eight. If there is none, wait.
mailed-printed-ask = Does the paper or its envelope show the day when it was mailed?
mailed-date-ask = Enter that day: month, day, year.
    .voice = Key that day: two digits for the month, two for the day, four for the year.
paper-in-days =
    { $days-count ->
        [one] Your paper says { $date }. That is in { $days } day.
       *[other] Your paper says { $date }. That is in { $days } days.
    }
    .sms = You have a message. Call us and have your code.
paper-today = That is today. Go now.
paper-tomorrow = That is tomorrow. Go, and go early.
paper-past = The day on your paper, { $date }, has gone by.
    .sms = You have a message. Call us and have your code.
paper-no-time = We have no time from your paper. Call the court and ask. If you cannot reach it, go early in the morning and bring the paper.
    .sms = Please call us to hear this.
paper-duties = Go to every court date that you have. Keep the paper and its envelope. If you move, tell the court within 5 days. Dates can change: check every week.
    .voice = Go to every court date that you have. Keep the paper and its envelope. If you move, tell the court within five days. Dates can change: check every week.
    .sms = Please call us to hear this.
other-appointment-ask = Do you have another appointment with the government on that day: a check-in, fingerprints or an interview?
paper-next-ask = What would you like now?
paper-soon-ask = Do you want to talk to a person now?
paper-past-ask = Did you go on that day?
paper-missed = Missing a hearing can bring a removal order. There may be ways to ask a judge to look again. Time limits are short. Talk to a lawyer today. Keep the paper and its envelope. Go to any later date that you have.
paper-went = Good that you went. There may be a next date, or a time limit. Keep every paper that you got there. Talk to a lawyer about what comes next.
paper-lawyer-ask = What would you like now?
paper-later = The date on your paper is { $date }. That is more than three months away.
    .sms = We have news for you. Call us.
