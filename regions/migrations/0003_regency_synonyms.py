from django.db import migrations, models

# What the starter data gives a new database; one that stands already gets it here.
SYNONYMS = {
    '64.01': 'Pasir',
    '64.02': 'Kukar\nKutai Kertanegara',
    '64.07': 'Kubar',
    '64.08': 'Kutim',
    '64.09': 'PPU\nPenajam',
    '64.11': 'Mahulu',
    '64.71': 'Bpp',
    '64.72': 'Smd',
    '64.10': 'KTT\nTanah Tidung',
}


def give_synonyms(apps, schema_editor):
    Regency = apps.get_model('regions', 'Regency')
    for code, synonyms in SYNONYMS.items():
        Regency.objects.filter(kemendagri_code=code).update(synonyms=synonyms)


class Migration(migrations.Migration):

    dependencies = [
        ('regions', '0002_history'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalregency',
            name='synonyms',
            field=models.TextField(blank=True, help_text='Other spellings, one a line. Imports recognise them.', verbose_name='synonyms'),
        ),
        migrations.AddField(
            model_name='regency',
            name='synonyms',
            field=models.TextField(blank=True, help_text='Other spellings, one a line. Imports recognise them.', verbose_name='synonyms'),
        ),
        migrations.RunPython(give_synonyms, migrations.RunPython.noop),
    ]
