"""Where in an entry stands what must not be lost."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_topics"),
    ]

    operations = [
        migrations.CreateModel(
            name="EntryReading",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reading",
                        serialize=False,
                        to="accounts.entry",
                    ),
                ),
                ("rules", models.PositiveSmallIntegerField()),
                ("words", models.PositiveIntegerField(help_text="How many words the entry has.")),
                ("found", models.PositiveIntegerField(help_text="How many passages it has.")),
            ],
        ),
        migrations.CreateModel(
            name="Passage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.PositiveIntegerField()),
                ("end", models.PositiveIntegerField()),
                ("begins", models.PositiveIntegerField()),
                ("ends", models.PositiveIntegerField()),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), size=None
                    ),
                ),
                ("words", models.PositiveSmallIntegerField(help_text="How many different words it has.")),
                (
                    "reading",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="accounts.entryreading",
                    ),
                ),
            ],
            options={
                "ordering": ["reading", "start"],
                "constraints": [
                    models.UniqueConstraint(fields=("reading", "start"), name="passage_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("end__gt", models.F("start")),
                            ("ends__gte", models.F("end")),
                            ("start__gte", models.F("begins")),
                        ),
                        name="passage_is_a_place_in_its_entry",
                    ),
                ],
            },
        ),
    ]
