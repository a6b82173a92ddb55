"""The file a creditor brings to a French court for a customer's overdue debt: what is claimed, what proves it, in which words.

Order for payment (injonction de payer, Code de procédure civile, art. 1405 to 1424) and small claims (procédure simplifiée de
recouvrement, Code des procédures civiles d'exécution, art. L125-1 and R125-1 to R125-8).
"""
