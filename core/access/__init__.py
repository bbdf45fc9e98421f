"""Who somebody is: the admin's password, its throttle and session, submission keys, submitters."""
