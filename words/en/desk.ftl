# Who opened one's case, and whom at the desk one lets look at it.

case-more-ask = More about your case.
case-closed = This case is closed now. Next: the other number, with its own code.
openings-intro = Your case was opened on these days, the newest first.
openings-none = We have no day on which your case was opened.
opened-on = On { $date }:
    .sms = You have a message. Call us and have your code.
opened-by-line = here, with your code or receipt.
opened-by-representative = here, with your representative's card.
opened-by-navigator = a helper at our desk, who is not a lawyer.
opened-by-accredited = an accredited representative at our desk.
opened-by-attorney = a lawyer at our desk.
opened-by-staff = another person of our staff.
openings-earlier =
    { $count-count ->
        [one] And on { $count } earlier day.
       *[other] And on { $count } earlier days.
    }
openings-not-you = Was one of them not you? A person can help you get a new card.
ticket-ask = A person at our desk can look at your case for you. They tell you the three digits of their desk. What would you like?
desk-ask = Enter the 3 digits of the desk.
    .voice = Key the three digits of the desk.
read-back-desk = Desk { $digits } and its deputy may open your case, until { $date }.
    .sms = You have a message. Call us and have your code.
no-such-desk-ask = We have no such desk. Nothing was saved. Ask the person for the digits again.
ticket-left = Saved. Desk { $digits } may open your case once, until { $date }.
    .sms = You have a message. Call us and have your code.
ticket-deputy = So may the deputy, desk { $digits }.
    .sms = You have a message. Call us and have your code.
ticket-take-back = You can take it back here at any time.
tickets-withdrawn = Nobody at the desk can open your case now.
end-authority-ask = No representative's card will open your case. To let one in again, go to our desk. Shall we?
authorities-ended = No representative's card opens your case now.
