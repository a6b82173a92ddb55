"""A link to the portal for every customer of the company "bench"; prints the addresses, each with its documents."""

import json
import os
import sys
from datetime import timedelta


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from encours.core.portal_tokens import portal_token, token_digest
    from encours.queries.companies import company_named
    from encours.store.models import PortalLink
    from encours.store.tenancy import company_scope

    company = company_named(slug="bench")
    company.iban, company.account_holder = "FR7630004000031234567890143", "BENCH SAS"
    company.save()
    key, expires_at = settings.SECRET_KEY.encode(), timezone.now() + timedelta(days=60)
    with company_scope(company.pk), connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, (array_agg(id ORDER BY due_date))[1:3] FROM store_document"
            " WHERE company_id = %s AND open_cents > 0 AND instalment_count = 0 GROUP BY 1 ORDER BY 1",
            [company.pk],
        )
        owing = cursor.fetchall()
        links = []
        for customer_id, _ in owing:
            token = portal_token(key=key, company_id=company.pk, salt=f"bench {customer_id}")
            links.append(
                PortalLink(
                    company=company, customer_id=customer_id, purpose="invitation", salt=f"bench {customer_id}",
                    digest=token_digest(company_id=company.pk, token=token), expires_at=expires_at, made_by="bench",
                )
            )  # fmt: skip
        PortalLink.objects.bulk_create(links, batch_size=1000)
        cursor.execute("ANALYZE")
    paths = [
        (f"/p/{company.pk}/{portal_token(key=key, company_id=company.pk, salt=link.salt)}/", documents)
        for link, (_, documents) in zip(links, owing, strict=True)
    ]
    json.dump(paths, sys.stdout)


if __name__ == "__main__":
    main()
