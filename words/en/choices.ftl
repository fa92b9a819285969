# Labels of the options: `choose-<id>`. On a page they are buttons; aloud they stand before "press".

choose-yes = Yes
choose-no = No
choose-not-sure = Not sure
choose-repeat = Once more
choose-agent = A person
choose-goodbye = Goodbye
choose-something-else = Something else
choose-none-of-these = None of these

# The first question and its second page.
choose-paper = Read my paper with me
choose-my-case = My own case
choose-question = A question
choose-legal-help = Free legal help
choose-more-choices = More choices
choose-report-wrong-record = A record is wrong
choose-report-outcome = News of my report
choose-message = Leave a message
choose-callback = Call me back
choose-forget-me = Forget me
choose-remind = A reminder

# After a case was told.
choose-who-opened = Who opened my case
choose-ticket = Let a person see my case
choose-another-case = Another number of my family
choose-let-look = Let them look
choose-take-back = Take it back
choose-end-authority = Stop my representative's card
choose-back = Go back

# A paper.
choose-hearing-notice = Notice of Hearing
choose-notice-to-appear = Notice to Appear
choose-judge-order = A judge's order or decision
choose-uscis-paper = Notice of Action, from USCIS
    .sms = Notice of Action
    .voice = Notice of Action, from U S C I S
choose-other-paper = Another paper
choose-missed-it = I did not go
choose-went = I went
choose-open-file = Open a file with this date

# Without a number.
choose-official-line = The court's own phone line
    .sms = The official phone line

# Urgent.
choose-danger-now = I am in danger now
choose-officers-here = Officers are here
choose-someone-detained = Someone was just detained
choose-hearing-soon = Court or check-in, today or tomorrow
    .sms = A date today or tomorrow
choose-try-again = Try again now
choose-repeat-rights = Hear my rights again

# A number to call.
choose-this-number = This number
choose-other-number = Another number

# What is wrong with a record.
choose-wrong-date = The date
choose-wrong-place = The place
choose-wrong-language = The language
choose-not-mine = This is not my record
choose-something-else-wrong = Something else

# Legal help.
choose-own-case = My own case
choose-in-detention = Someone in detention
choose-crime-victim = Someone hurt me or cheated me

# Questions.
choose-moved-court = I moved: tell the court
    .sms = I moved: my papers
choose-missed-hearing = I missed a hearing
choose-afraid-to-go-to-court = I am afraid to go to court
    .sms = I am afraid to go
choose-is-it-really-you = Is it really you?
choose-more-questions = More questions
choose-moved-uscis = I moved: tell USCIS
    .sms = I moved: my application
    .voice = I moved: tell U S C I S
choose-moved-ice = I moved: tell ICE
choose-appeal = How to appeal
choose-asylum-year = The one-year limit for asylum
choose-delay = My application takes too long
choose-court-record = A copy of my court file
    .sms = A copy of my file
choose-receipt-not-arrived = My receipt did not come
choose-court-how-long = How long the court takes
    .sms = How long it takes
choose-other-question = Another question
choose-another-question = Another question
